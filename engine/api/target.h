// The target of a request (RFC 9112, 3.2.1): a path and a query, percent-encoded (RFC 3986). Pure
// functions over what any peer may have sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace causeway::api {

inline constexpr std::size_t target_bytes_max = 8 * 1024;
inline constexpr std::size_t query_parameters_max = 100;

struct Target {
  std::vector<std::string> segments;  ///< Decoded: "/api/channels/lab%2Foru" has three.
  std::vector<std::pair<std::string, std::string>> query;  ///< Decoded, in their order.
};

/// Nothing: too long, no path, a broken escape, or text that is no UTF-8 or has a NUL.
std::optional<Target> parse_target(std::string_view target);

/// Everything but unreserved characters escaped, '/' too.
std::string percent_encoded(std::string_view text);

/// `target` with this query parameter in place of those of its name.
std::string with_parameter(std::string_view target, std::string_view name, std::string_view value);

}  // namespace causeway::api
