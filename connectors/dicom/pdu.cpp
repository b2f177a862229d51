#include "connectors/dicom/pdu.h"

#include <algorithm>
#include <utility>

#include "connectors/dicom/big_endian.h"

namespace causeway::connectors::dicom {
namespace {

constexpr std::uint8_t command_bit = 1;
constexpr std::uint8_t last_bit = 2;
constexpr std::size_t length_bytes = 4;
constexpr std::size_t reserved_bytes = 4;  // body of a release

bool is_known(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(PduType::AssociateRequest) &&
         type <= static_cast<std::uint8_t>(PduType::Abort);
}

/// At least one, though it be empty.
std::string fragments(std::uint8_t context, bool are_command, std::string_view bytes,
                      std::size_t bytes_max) {
  std::string out;
  const auto most = fragment_bytes(bytes_max);
  do {
    const auto fragment = bytes.substr(0, most);
    bytes.remove_prefix(fragment.size());
    out += data_header({context, are_command, bytes.empty(), fragment});
    out += fragment;
  } while (!bytes.empty());
  return out;
}

}  // namespace

std::optional<Pdu> PduReader::next(std::string_view& bytes) {
  if (std::exchange(given_, false)) held_.clear();
  std::string_view whole;
  while (fault_ == Fault::None) {
    const auto begin = held_.empty() ? bytes : std::string_view(held_);
    const auto size = whole_size(begin);
    if (fault_ != Fault::None) break;
    if (held_.empty() && size && bytes.size() >= *size) {
      whole = bytes.substr(0, *size);
      bytes.remove_prefix(*size);
      return Pdu{static_cast<PduType>(whole[0]), whole.substr(pdu_header_bytes)};
    }
    if (held_.size() >= pdu_header_bytes && size && held_.size() == *size) {
      given_ = true;
      whole = held_;
      return Pdu{static_cast<PduType>(whole[0]), whole.substr(pdu_header_bytes)};
    }
    if (bytes.empty()) break;
    const auto wanted = size.value_or(pdu_header_bytes) - held_.size();
    const auto part = bytes.substr(0, wanted);
    held_ += part;
    bytes.remove_prefix(part.size());
  }
  return std::nullopt;
}

/// nullopt: the header isn't whole, or is at fault.
std::optional<std::size_t> PduReader::whole_size(std::string_view begin) {
  if (begin.empty()) return std::nullopt;
  const auto type = static_cast<std::uint8_t>(begin[0]);
  if (!is_known(type)) {
    fault_ = Fault::UnknownType;
    return std::nullopt;
  }
  if (begin.size() < pdu_header_bytes) return std::nullopt;
  const std::size_t length = read_u32(begin.substr(2));
  const auto most =
      static_cast<PduType>(type) == PduType::Data ? data_bytes_max_ : association_pdu_bytes_max;
  if (length > most) {
    fault_ = Fault::TooLong;
    return std::nullopt;
  }
  return pdu_header_bytes + length;
}

std::optional<DataValue> next_data_value(std::string_view& body) {
  if (body.size() < data_value_header_bytes) return std::nullopt;
  const std::size_t length = read_u32(body);
  constexpr auto before_fragment = data_value_header_bytes - length_bytes;
  if (length < before_fragment || body.size() - length_bytes < length) return std::nullopt;
  const auto flags = static_cast<std::uint8_t>(body[5]);
  DataValue value{static_cast<std::uint8_t>(body[4]), (flags & command_bit) != 0,
                  (flags & last_bit) != 0,
                  body.substr(data_value_header_bytes, length - before_fragment)};
  body.remove_prefix(length_bytes + length);
  return value;
}

std::string data_header(const DataValue& value) {
  std::string out{static_cast<char>(PduType::Data), '\0'};
  put_u32(out, value.fragment.size() + data_value_header_bytes);
  put_u32(out, value.fragment.size() + data_value_header_bytes - length_bytes);
  out += static_cast<char>(value.context);
  out += static_cast<char>((value.is_command ? command_bit : 0) | (value.is_last ? last_bit : 0));
  return out;
}

std::size_t fragment_bytes(std::size_t bytes_max) {
  constexpr std::size_t smallest = 2, largest = 128 * 1024;
  if (bytes_max == 0) return largest;
  const auto room = bytes_max > data_value_header_bytes ? bytes_max - data_value_header_bytes : 0;
  return std::clamp(room / 2 * 2, smallest, largest);
}

std::string command_pdus(std::uint8_t context, std::string_view command, std::size_t bytes_max) {
  return fragments(context, true, command, bytes_max);
}

std::string data_set_pdus(std::uint8_t context, std::string_view data_set, std::size_t bytes_max) {
  return fragments(context, false, data_set, bytes_max);
}

std::string make_pdu(PduType type, std::string_view body) {
  std::string out{static_cast<char>(type), '\0'};
  put_u32(out, body.size());
  return out.append(body);
}

std::string make_abort(AbortReason reason) {
  constexpr char service_provider = 2;
  return make_pdu(PduType::Abort,
                  std::string{'\0', '\0', service_provider, static_cast<char>(reason)});
}

std::string make_release_request() {
  return make_pdu(PduType::ReleaseRequest, std::string(reserved_bytes, '\0'));
}

std::string make_release_reply() {
  return make_pdu(PduType::ReleaseReply, std::string(reserved_bytes, '\0'));
}

}  // namespace causeway::connectors::dicom
