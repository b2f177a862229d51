// Addresses of mail: what may stand in an envelope and a header. Pure.
// Standard: RFC 5321 section 4.1.2 (dot-string local parts; no quoted ones), RFC 5322.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace causeway::connectors::email {

struct Address {
  std::string address;  ///< "anna@hospital.example"
  std::string name;     ///< UTF-8, may be empty.
};

/// "anna@hospital.example" or "Anna Muster <anna@hospital.example>". Invalid: anything else, also
/// a control character anywhere, so that none can end a line.
Result<Address> parse_address(std::string_view text);

/// Whether an address is one of these: a whole address, or "@hospital.example" for all of a
/// domain; letter case doesn't count.
bool is_among(std::string_view address, const std::vector<std::string>& allowed);

/// It has a character below a space, or DEL.
bool has_control(std::string_view text);

}  // namespace causeway::connectors::email
