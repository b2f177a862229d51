#include "engine/core/ids.h"

namespace causeway {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int text_length = 13;
constexpr int low_bits = id_node_bits + id_sequence_bits;

}  // namespace

MessageId make_message_id(std::int64_t unix_ms, NodeId node, std::uint16_t sequence) {
  return {((unix_ms - id_epoch_ms) << low_bits) |
          (static_cast<std::int64_t>(node.value) << id_sequence_bits) | sequence};
}

std::int64_t unix_ms_of(MessageId id) {
  return (id.value >> low_bits) + id_epoch_ms;
}

NodeId node_of(MessageId id) {
  return {static_cast<std::int16_t>((id.value >> id_sequence_bits) & node_max)};
}

Day day_of(MessageId id) {
  return std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<Milliseconds>(Milliseconds(unix_ms_of(id))));
}

MessageId first_id_of(Day day) {
  return make_message_id(Milliseconds(day.time_since_epoch()).count(), NodeId{0}, 0);
}

std::string to_string(MessageId id) {
  std::string text(text_length, '0');
  auto rest = static_cast<std::uint64_t>(id.value);
  for (int i = text_length - 1; i >= 0; --i, rest >>= 5)
    text[static_cast<std::size_t>(i)] = alphabet[rest & 31];
  return text;
}

Result<MessageId> parse_message_id(std::string_view text) {
  Error error{ErrorKind::Invalid, "",
              "not a message id (13 characters of 0-9 A-Z without I L O U)"};
  if (text.size() != text_length) return error;
  std::uint64_t value = 0;
  for (char c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    auto digit = alphabet.find(c);
    if (digit == std::string_view::npos || value >> 58 != 0) return error;
    value = value << 5 | digit;
  }
  if (value == 0) return error;
  return MessageId{static_cast<std::int64_t>(value)};
}

}  // namespace causeway
