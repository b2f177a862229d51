// The head of a request or an answer. Plain values.
// Standard: RFC 9110 sections 5 and 8, RFC 9112.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::connectors::http {

struct Header {
  std::string name;  ///< In lower case.
  std::string value;
};

struct Head {
  std::string method, target;  ///< Of a request.
  int status = 0;              ///< Of an answer.
  std::string reason;
  int version = 11;  ///< 10 or 11.
  std::vector<Header> headers;
  std::optional<std::uint64_t> content_length;
  bool keeps_alive = true;

  /// The first of this name (in lower case); nullptr: there is none.
  const std::string* header(std::string_view name) const;
  std::string_view header_or_empty(std::string_view name) const;
};

/// In lower case, for what is ASCII.
std::string lower_case(std::string_view text);
std::string_view trimmed(std::string_view text);
/// A name of a header or method: RFC 9110 section 5.6.2.
bool is_token(std::string_view text);
/// What may stand in a header: no control characters but the tab.
bool is_header_value(std::string_view text);
/// Of a list parted by commas, without regard to case.
bool list_has(std::string_view list, std::string_view item);

}  // namespace causeway::connectors::http
