// Messages, their lineage and open work in words and in JSON, as the commands print them. What a
// peer sent is shown so that a terminal can't be harmed: control characters become visible. Pure
// functions.
#pragma once

#include <string>
#include <vector>

#include "engine/main/installation.h"

namespace causeway {

/// "2026-11-24 17:20:03.123" (UTC).
std::string time_text(SystemTime at);
/// ISO 8601 ("2026-11-24", "2026-11-24T17:20", "2026-11-24T17:20:03Z"); UTC.
Result<SystemTime> parse_time(std::string_view text);

/// One line for a list, or one JSON object.
std::string found_line(const Installation& installation, const store::FoundMessage& found);
std::string found_json(const Installation& installation, const store::FoundMessage& found);

/// Everything about one message.
std::string message_text(const Installation& installation, const store::MessageView& view);
std::string message_json(const Installation& installation, const store::MessageView& view);

/// message_flags in words.
std::vector<std::string> flag_words(std::uint16_t flags);

/// Text with its control characters made visible; segment ends become line ends.
std::string visible(std::string_view bytes, bool keep_lines);

/// As a JSON string, in its quotes. Bytes that are no UTF-8 are read as Latin-1.
std::string json_string(std::string_view bytes);

}  // namespace causeway
