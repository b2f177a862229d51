// Any bytes, split anywhere: the PDUs are those of the unsplit bytes; what is in them is read
// without harm, and what could be read is the same once written and read again.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "connectors/dicom/association.h"
#include "connectors/dicom/command.h"
#include "connectors/dicom/status.h"

namespace {

using namespace causeway::connectors::dicom;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr std::size_t data_bytes_max = 500;

struct Whole {
  PduType type;
  std::string body;
  bool operator==(const Whole&) const = default;
};

void read(PduReader& reader, std::string_view bytes, std::vector<Whole>& pdus) {
  while (auto pdu = reader.next(bytes)) pdus.push_back({pdu->type, std::string(pdu->body)});
  require(bytes.empty() || reader.fault() != PduReader::Fault::None);
}

void read_command_twice(std::string_view bytes) {
  const auto command = read_command(bytes);
  if (!command) return;
  auto again = *command;
  if (!again.is_response()) again.status = 0, again.comment.clear();
  const auto second = read_command(write_command(again));
  require(second.ok() && second->field == again.field && second->message_id == again.message_id &&
          second->status == again.status && second->has_data_set == again.has_data_set);
}

void read_association_twice(std::string_view body) {
  const auto asked = read_associate_request(body);
  if (!asked || !is_title(asked->called_title) || !is_title(asked->calling_title)) return;
  const auto pdu = make_associate_request(*asked);
  const auto second = read_associate_request(std::string_view(pdu).substr(pdu_header_bytes));
  require(second.ok() && second->contexts.size() == asked->contexts.size() &&
          second->called_title == asked->called_title &&
          second->calling_title == asked->calling_title);
}

void look_into(const Whole& pdu) {
  read_association_twice(pdu.body);
  (void)read_associate_accept(pdu.body);
  (void)read_associate_reject(pdu.body);
  std::string_view body = pdu.body;
  while (!body.empty()) {
    const auto value = next_data_value(body);
    if (!value) break;
    read_command_twice(value->fragment);
  }
  if (const auto line = read_status_line(pdu.body))
    require(read_status_line(write_status_line(*line))->status == line->status);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  PduReader whole(data_bytes_max);
  std::vector<Whole> pdus;
  read(whole, bytes, pdus);
  for (const auto& pdu : pdus) look_into(pdu);
  look_into({PduType::Data, std::string(bytes)});

  // The input itself says where it is split.
  PduReader split(data_bytes_max);
  std::vector<Whole> split_pdus;
  for (std::size_t at = 0; at < size;) {
    const auto part = bytes.substr(at, 1 + data[at] % 7u);
    read(split, part, split_pdus);
    at += part.size();
  }
  require(split_pdus == pdus && split.fault() == whole.fault());
  return 0;
}
