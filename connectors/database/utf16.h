// UTF-8 to UTF-16 and back, as ODBC has texts. Pure. Standard: RFC 3629, RFC 2781.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace causeway::connectors::database {

/// `text` is UTF-8.
std::u16string to_utf16(std::string_view text);
/// None: half of a pair stands alone.
std::optional<std::string> to_utf8(std::u16string_view text);

}  // namespace causeway::connectors::database
