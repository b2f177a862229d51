// Base64, as headers and tokens have it. Pure.
// Standard: RFC 4648 sections 4 and 5.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace causeway::connectors {

/// With its padding; nullopt: malformed.
std::optional<std::string> decode_base64(std::string_view text);
/// The alphabet of URLs, without padding; nullopt: malformed.
std::optional<std::string> decode_base64url(std::string_view text);
std::string encode_base64(std::string_view bytes);
std::string encode_base64url(std::string_view bytes);

}  // namespace causeway::connectors
