// Requests and answers: however the bytes are cut, the same comes out of them, and nothing crashes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "connectors/http/parser.h"

namespace {

using namespace causeway::connectors::http;

constexpr std::size_t header_bytes_max = 4096;

struct Seen {
  std::string text;
  std::size_t whole = 0;  // of `text`: up to the end of the last whole message
  bool fault = false;

  std::string_view messages() const { return std::string_view(text).substr(0, whole); }
};

/// All that comes out, with the bytes given `step` at a time.
Seen read(Parser::Kind kind, std::string_view bytes, std::size_t step) {
  Parser parser(kind, header_bytes_max);
  Seen seen;
  std::string unparsed;
  for (;;) {
    std::string_view rest = unparsed;
    const auto event = parser.next(rest);
    if (event == Parser::Event::Body) seen.text += parser.body();
    unparsed.erase(0, unparsed.size() - rest.size());
    switch (event) {
      case Parser::Event::Head:
        seen.text += parser.head().method + " " + parser.head().target + "\n";
        for (const auto& [name, value] : parser.head().headers) seen.text += name + value + "\n";
        break;
      case Parser::Event::End:
        seen.text += "\nend\n";
        seen.whole = seen.text.size();
        parser.restart();
        break;
      case Parser::Event::Fault:
        if (parser.fault().empty()) std::abort();
        seen.fault = true;
        return seen;
      case Parser::Event::Body:
        break;
      case Parser::Event::NeedMore:
        if (bytes.empty()) {
          parser.ends_here();
          return seen;
        }
        unparsed += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const auto kind : {Parser::Kind::Request, Parser::Kind::Answer}) {
    const auto whole = read(kind, bytes, bytes.size() + 1);
    const auto cut = read(kind, bytes, 1 + data[0] % 16);
    if (!whole.fault && !cut.fault && whole.messages() != cut.messages()) std::abort();
  }
  return 0;
}
