// Reading a receiver's answer.
#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

std::optional<AckCode> parse_code(std::string_view text) {
  for (auto code : {AckCode::AA, AckCode::AE, AckCode::AR, AckCode::CA, AckCode::CE, AckCode::CR})
    if (to_string(code) == text) return code;
  return std::nullopt;
}

}  // namespace

Result<Ack> read_ack(std::string_view bytes) {
  auto header = peek_header(bytes);
  if (!header) return std::move(header).error();
  const auto& delimiters = header->delimiters;
  auto msa_path = [](int field) { return Path{"MSA", 0, field, 0, 0, 0}; };
  auto code_text = peek(bytes, msa_path(1));
  if (!code_text) return Error{ErrorKind::Invalid, "MSA", "the answer has no MSA segment"};
  auto code = parse_code(*code_text);
  if (!code) return Error{ErrorKind::Invalid, "MSA-1", "none of AA, AE, AR, CA, CE and CR"};
  Ack ack;
  ack.code = *code;
  ack.control_id = peek(bytes, msa_path(2)).value_or("");
  ack.text = unescape(peek(bytes, msa_path(3)).value_or(""), delimiters);
  if (ack.text.empty()) {
    auto user_messages = peek_all(bytes, Path{"ERR", 0, 8, 0, 0, 0}, 1);
    if (!user_messages.empty()) ack.text = unescape(user_messages.front(), delimiters);
  }
  return ack;
}

}  // namespace causeway::hl7v2
