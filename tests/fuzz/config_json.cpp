// Any text: it parses or names a place; each value's place is where it begins; what was read,
// written again, reads the same.
#include <cstdint>
#include <cstdlib>

#include "engine/config/revision_hash.h"
#include "engine/config/value.h"

namespace {

using causeway::config::Value;

void require(bool condition) {
  if (!condition) std::abort();
}

std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') starts.push_back(i + 1);
  return starts;
}

char first_of(const Value& value) {
  if (value.object()) return '{';
  if (value.list()) return '[';
  if (value.string()) return '"';
  if (value.boolean()) return *value.boolean() ? 't' : 'f';
  return value.is_null() ? 'n' : '0';
}

void require_places(const Value& value, std::string_view text,
                    const std::vector<std::size_t>& lines) {
  const auto [line, column] = value.place();
  const auto offset =
      lines.at(static_cast<std::size_t>(line - 1)) + static_cast<std::size_t>(column - 1);
  const char at = text.at(offset);
  const bool number = at == '-' || (at >= '0' && at <= '9');
  require(first_of(value) == (number ? '0' : at));
  if (value.list())
    for (const auto& item : *value.list()) require_places(item, text, lines);
  if (value.object())
    for (const auto& [key, member] : *value.object()) require_places(member, text, lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace causeway::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = parse_json(text, "f");
  if (!value) {
    require(value.error().place.starts_with("f"));
    return 0;
  }
  require_places(*value, text, line_starts(text));
  const auto written = canonical_json(*value);
  const auto again = parse_json(written, "f");
  require(again.ok() && canonical_json(*again) == written);
  return 0;
}
