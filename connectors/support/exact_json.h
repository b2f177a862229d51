// JSON with its numbers as they are written, so that none loses a digit.
//
// Plain values. Standard: RFC 8259. Errors: Invalid (no JSON, no UTF-8, a name twice in an object)
// and Limit, with the byte.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/result.h"

namespace causeway::connectors {

inline constexpr std::size_t json_depth_max = 64;
inline constexpr std::size_t json_values_max = 200'000;

struct Json {
  enum class Kind : unsigned char { Null, Boolean, Number, Text, List, Object };
  using Members = std::vector<std::pair<std::string, Json>>;

  Kind kind = Kind::Null;
  std::string text;  ///< "true", "false"; a number as written; a text, decoded
  std::vector<Json> items;
  Members members;

  const Json* find(std::string_view name) const;  ///< A member; nullptr: there is none.
};

Result<Json> parse_json(std::string_view text);
void append_json(std::string& out, const Json& value);
/// With quotes; control characters escaped. `text` is UTF-8.
void append_json_text(std::string& out, std::string_view text);

}  // namespace causeway::connectors
