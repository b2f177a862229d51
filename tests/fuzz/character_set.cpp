// Any bytes, from any set to any other: nothing crashes or hangs, what comes out is valid in its
// set, and what decoded without a loss comes back the same.
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "engine/formats/encoding/converter.h"

namespace {

using namespace causeway::encoding;

constexpr const char* names[] = {"US-ASCII",       "UTF-8",     "8859/1", "8859/15", "windows-1252",
                                 "windows-1255",   "KS X 1001", "BIG-5",  "GB18030", "ISO IR87",
                                 "UNICODE UTF-16", "UTF-32",    "sjis",   "EUC-JP",  "EUC-TW",
                                 "TIS-620",        "KOI8-R"};

void require(bool condition) {
  if (!condition) std::abort();
}

Converter& converter(std::size_t from, std::size_t to) {
  constexpr auto count = std::size(names);
  static std::optional<Converter> made[count][count];
  auto& slot = made[from][to];
  if (!slot)
    slot = *Converter::make(*find_character_set(names[from]), *find_character_set(names[to]));
  return *slot;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto from = data[0] % std::size(names), to = data[1] % std::size(names);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto stand_in = [](std::string_view lost, std::string& out) {
    require(!lost.empty());
    out += '?';
  };
  constexpr std::size_t utf8_index = 1;
  std::string text;
  const auto losses = converter(from, utf8_index).convert(bytes, text, stand_in);
  require(is_utf8(text));
  require(losses.unmappable == 0 && losses.undecodable <= bytes.size());
  require(text.size() <= 4 * bytes.size() + 4);

  std::string out;
  const auto there = converter(from, to).convert(bytes, out, stand_in);
  require(there.undecodable == losses.undecodable);
  if (!there.none()) return 0;
  std::string back;
  require(converter(to, utf8_index).convert(out, back, stand_in).none());
  return 0;
}
