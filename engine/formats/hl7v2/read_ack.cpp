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

Result<Ack> read_narrow(std::string_view bytes) {
  auto header = peek_header(bytes);
  if (!header) return std::move(header).error();
  const auto& delimiters = header->delimiters;
  auto msa = peek(bytes, Path{"MSA", 0, 0, 0, 0, 0});
  if (!msa) return Error{ErrorKind::Invalid, "MSA", "the answer has no MSA segment"};
  // Whole fields: a control id may hold what its sender took for ordinary characters.
  auto field = [&](int n) { return field_of(*msa, delimiters.field, n).value_or(""); };
  auto code = parse_code(field(1));
  if (!code) return Error{ErrorKind::Invalid, "MSA-1", "none of AA, AE, AR, CA, CE and CR"};
  Ack ack;
  ack.code = *code;
  ack.control_id = field(2);
  ack.text = unescape(field(3), delimiters);
  if (ack.text.empty()) {
    auto user_messages = peek_all(bytes, Path{"ERR", 0, 8, 0, 0, 0}, 1);
    if (!user_messages.empty()) ack.text = unescape(user_messages.front(), delimiters);
  }
  return ack;
}

}  // namespace

Result<Ack> read_ack(std::string_view bytes) {
  const auto narrow = narrowed(bytes);
  return read_narrow(narrow ? *narrow : bytes);
}

}  // namespace causeway::hl7v2
