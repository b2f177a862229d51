// Any bytes: as v2 XML they are an error or a message; as a message, what is written of it as XML
// reads back, and is written again the same.
#include <cstdint>
#include <cstdlib>

#include "engine/formats/hl7v2/xml/v2_xml.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace causeway::hl7v2;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (auto made = from_xml(text)) {
    require(Message::parse(causeway::make_bytes(*made)).ok());
  }
  auto message = Message::parse(causeway::make_bytes(text));
  if (!message) return 0;
  const auto xml = to_xml(*message);
  if (!xml) return 0;
  const auto back = from_xml(*xml);
  require(back.ok());
  const auto again = Message::parse(causeway::make_bytes(*back));
  require(again.ok());
  require(to_xml(*again).ok());
  return 0;
}
