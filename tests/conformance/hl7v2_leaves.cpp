// Prints what this engine reads in HL7 v2 messages, value by value, for comparison with another
// parser.
//
// Usage: hl7v2_leaves FILE     FILE: messages in MLLP frames
// For each message one line of JSON: {"error": "…"}, or {"segments": [["PID", [[field, repetition,
// component, subcomponent, "raw"], …]], …]}; a character stands for a byte.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "engine/formats/hl7v2/leaves.h"

namespace {

using namespace causeway::hl7v2;

void print_text(std::string_view bytes) {
  std::putchar('"');
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\')
      std::printf("\\u%04x", byte);
    else
      std::putchar(c);
  }
  std::putchar('"');
}

void print_message(const Message& message) {
  std::printf("{\"segments\":[");
  for (std::size_t i = 0; i < message.segment_count(); ++i) {
    std::printf("%s[", i > 0 ? "," : "");
    print_text(message.segment_name(i));
    std::printf(",[");
    bool first = true;
    for (const auto& leaf : leaves_of(message, i)) {
      std::printf("%s[%d,%d,%d,%d,", first ? "" : ",", leaf.field, leaf.repetition, leaf.component,
                  leaf.subcomponent);
      print_text(leaf.raw);
      std::printf("]");
      first = false;
    }
    std::printf("]]");
  }
  std::printf("]}\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::string framed((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
  for (std::size_t at = 0; (at = framed.find('\x0B', at)) != std::string::npos;) {
    const auto end = framed.find("\x1C\r", at);
    if (end == std::string::npos) return 1;
    const auto message = Message::parse(causeway::make_bytes(framed.substr(at + 1, end - at - 1)));
    if (message)
      print_message(*message);
    else
      std::printf("{\"error\":\"%s\"}\n", message.error().place.c_str());
    at = end;
  }
  return 0;
}
