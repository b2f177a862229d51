// Any bytes, taken for a message and for an answer: every message can be answered, and the answer
// reads back as what was meant.
#include <cstdint>
#include <cstdlib>

#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/formats/hl7v2/message.h"

namespace {

using namespace causeway::hl7v2;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)read_ack(bytes);
  const auto narrow = narrowed(bytes);
  auto header = peek_header(narrow ? *narrow : bytes);
  for (auto code : {AckCode::AA, AckCode::AE, AckCode::AR, AckCode::CA, AckCode::CE, AckCode::CR}) {
    AckRequest request;
    request.code = code;
    request.text = bytes.substr(size - size / 3);
    request.error_code = bytes.substr(size - size / 8);
    request.control_id = bytes.substr(size - size / 6);
    auto answer = acknowledge(bytes, request);
    if (answer.empty()) {
      require(header.ok() && header->enhanced_mode());
      continue;
    }
    auto ack = read_ack(answer);
    require(ack.ok() && ack->code == code);
    require(ack->control_id == (header ? header->control_id : std::string_view()));
    require(answer.size() < 4 * (1000 + 16 * size));  // four bytes a character in UTF-32
  }
  return 0;
}
