// The first byte says what the rest is. JSON: what can be encoded is the same once read and encoded
// again. A data set of a peer: what can be read can be written, or is refused. An answer of a
// script: whatever it is, it becomes words and PDUs.
#include <cstdint>
#include <cstdlib>

#include "connectors/dicom/answer.h"
#include "connectors/dicom/data_set_json.h"
#include "connectors/dicom/response_reader.h"
#include "connectors/dicom/services.h"
#include "engine/config/revision_hash.h"
#include "engine/formats/dicom/encoding.h"
#include "engine/formats/dicom/file.h"

namespace {

using namespace causeway;
using namespace causeway::connectors::dicom;
namespace uids = causeway::dicom::uids;

void require(bool condition) {
  if (!condition) std::abort();
}

void read_json(std::string_view text, std::string_view syntax) {
  const auto encoded = encode_data_sets(text, syntax);
  if (!encoded) return;
  for (const auto& each : *encoded) {
    const auto back = data_set_as_json(each, syntax);
    require(back.ok() && back->object());
    const auto again = encode_data_set(*back, syntax);
    require(again.ok());
    const auto last = data_set_as_json(*again, syntax);
    require(last.ok() && config::canonical_json(*last) == config::canonical_json(*back));
  }
}

void read_data_set(std::string_view bytes, std::string_view syntax) {
  const auto value = data_set_as_json(bytes, syntax);
  if (value) (void)encode_data_set(*value, syntax);
}

void answer(std::string_view text, std::string_view sop_class) {
  const auto cut = text.find('\n');
  const auto request = text.substr(0, cut);
  Verdict verdict;
  verdict.verbatim =
      make_bytes(std::string(cut == text.npos ? std::string_view() : text.substr(cut + 1)));
  const auto message =
      causeway::dicom::make_file_head({.sop_class = std::string(sop_class),
                                       .sop_instance = {},
                                       .transfer_syntax = std::string(uids::explicit_little_endian),
                                       .source_title = {}}) +
      std::string(request);
  Asked asked;
  asked.request.field = sop_class == worklist_class ? commands::find : commands::action;
  asked.transfer_syntax = uids::explicit_little_endian;
  const auto pdus = answer_pdus(asked, compose_answer(message, verdict), 64);
  require(!pdus.bytes.empty());
}

void read_responses(std::string_view body) {
  ResponseReader reader;
  while (const auto value = next_data_value(body))
    if (reader.take(*value) == ResponseReader::Step::Breach) break;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto syntax =
      (data[0] & 8) != 0 ? uids::implicit_little_endian : uids::explicit_little_endian;
  switch (data[0] & 7) {
    case 0:
      return read_json(bytes, syntax), 0;
    case 1:
      return read_data_set(bytes, syntax), 0;
    case 2:
      return answer(bytes, worklist_class), 0;
    case 3:
      return answer(bytes, commitment_class), 0;
    default:
      return read_responses(bytes), 0;
  }
}
