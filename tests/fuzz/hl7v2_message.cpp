// Any bytes: what parses leaves byte-identical, reads nothing from outside itself, and keeps what
// is written to it.
#include <cstdint>
#include <cstdlib>
#include <functional>

#include "engine/formats/hl7v2/message.h"

namespace {

using namespace causeway::hl7v2;

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_ascii(std::string_view text) {
  for (char c : text)
    if ((c & 0x80) != 0 || c == '\x1B') return false;
  return true;
}

bool lies_in(std::string_view part, std::string_view whole) {
  std::less_equal<const char*> before;
  return part.empty() || (before(whole.data(), part.data()) &&
                          before(part.data() + part.size(), whole.data() + whole.size()));
}

const Path paths[] = {
    *parse_path("MSH-1"),         *parse_path("MSH-2"),    *parse_path("MSH-9.2"),
    *parse_path("PID-3.1"),       *parse_path("PID-3[2]"), *parse_path("PID-5.1.2"),
    *parse_path("OBX[2]-5[2].2"), *parse_path("OBX"),      *parse_path("ZZZ-40")};

void check_reading(const Message& message, std::string_view whole) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < message.segment_count(); ++i) {
    require(lies_in(message.segment_text(i), whole));
    require(!message.segment_text(i).empty());
    length += message.segment_text(i).size();
  }
  require(length <= whole.size());
  for (const auto& path : paths) {
    require(lies_in(message.raw(path), whole));
    require(message.raw(path) == peek(whole, path).value_or(""));
    (void)message.get(path);
    for (auto value : peek_all(whole, path, 8)) require(lies_in(value, whole) && !value.empty());
  }
}

void check_writing(const Message& original, std::string_view value) {
  for (const auto& path : paths) {
    Message message = original;
    if (message.set(path, value).ok()) {
      require(message.get(path) == value);
      auto again = Message::parse(message.bytes());
      require(again.ok() && again->segment_count() == original.segment_count());
      // In MSH, half a character of a set that MSH-18 itself names can hide MSH-18.
      if (path.segment != "MSH" || is_ascii(*message.bytes())) require(again->get(path) == value);
    }
    require(unescape(escape(value, message.delimiters()), message.delimiters()) == value ||
            message.delimiters().escape == '\0');
  }
  Message message = original;
  if (message.append_segment(std::string("ZPI") + message.delimiters().field + "1").ok()) {
    auto again = Message::parse(message.bytes());
    require(again.ok() && again->segment_count() == original.segment_count() + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto bytes = causeway::make_bytes(std::string(reinterpret_cast<const char*>(data), size));
  auto message = Message::parse(bytes);
  auto header = peek_header(*bytes);
  if (!message) {
    if (message.error().kind == causeway::ErrorKind::Invalid) require(!header.ok());
    return 0;
  }
  require(header.ok());
  require(lies_in(header->type, *bytes) && lies_in(header->control_id, *bytes) &&
          lies_in(header->character_set, *bytes));
  require(*message->bytes() == *bytes);
  check_reading(*message, *bytes);
  check_writing(*message, std::string_view(*bytes).substr(size - size / 4));
  return 0;
}
