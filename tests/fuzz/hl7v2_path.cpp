// Any text: what is a path reads the same after it was written down, and reads nothing outside a
// message.
#include <cstdint>
#include <cstdlib>

#include "engine/formats/hl7v2/message.h"

namespace {

using namespace causeway::hl7v2;

void require(bool condition) {
  if (!condition) std::abort();
}

const Message& message() {
  static const Message parsed =
      *Message::parse(causeway::make_bytes("MSH|^~\\&|A\rPID|1||7^^^H&1~8|x\rOBX|1\rOBX|2||a~b\r"));
  return parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto path = parse_path(text);
  if (!path) {
    require(!path.error().text.empty() && path.error().place.size() < 80);
    return 0;
  }
  const auto written = parse_path(to_string(*path));
  require(written.ok() && *written == *path);
  for (const auto& match : message().matches(*path)) {
    require(!match.path.has_wildcard());
    require(message().raw(match.path) == match.raw);
  }
  Message copy = message();
  if (copy.set(*path, "v").ok()) require(copy.get(*path) == "v");
  return 0;
}
