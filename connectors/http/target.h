// The target of a request: its path and its query, decoded. Pure.
// Standard: RFC 9112 section 3.2 (origin-form and absolute-form), RFC 3986 sections 2.1 and 3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/attributes.h"
#include "engine/core/result.h"

namespace causeway::connectors::http {

inline constexpr std::size_t path_segments_max = 64;
inline constexpr std::size_t query_values_max = 64;

struct Target {
  std::string path;                   ///< As it came, without the query: "/patients/1%2F2".
  std::vector<std::string> segments;  ///< Decoded: "patients", "1/2".
  std::string query;                  ///< As it came, without its question mark.
  /// Decoded; of a name that is repeated the second is called "name.2", and so on.
  Attributes parameters;
};

/// Invalid: no path, a broken percent sign, a segment "." or "..", a null character, or too many.
Result<Target> parse_target(std::string_view text);

/// Percent signs decoded; `plus` stands for a space in queries and forms. Invalid.
Result<std::string> percent_decode(std::string_view text, bool plus = false);
/// All but unreserved characters encoded: safe as one segment, or as a value of a query.
std::string percent_encode(std::string_view text);

}  // namespace causeway::connectors::http
