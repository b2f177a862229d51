// The messages of a file, for `causeway hl7`. No thread rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace causeway {

/// "-" is standard input; nullopt: it can't be read.
std::optional<std::string> read_hl7_file(const std::string& name);

/// The messages of a text, one behind the other or in a batch, whose own segments are left out.
std::vector<std::string> messages_in(std::string_view text);

}  // namespace causeway
