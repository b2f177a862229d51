// Messages, their lineage and open work in words, as the commands print them, from the JSON that
// the API answers. What a peer sent is shown so that a terminal can't be harmed: control characters
// become visible. Pure functions.
#pragma once

#include <string>

#include "engine/config/value.h"

namespace causeway {

/// One line for a list.
std::string found_line(const config::Value& found);
/// Everything about one message.
std::string message_text(const config::Value& message);

/// One queue: what is queued, and what needs attention.
std::string queue_text(const config::Value& queue);
/// "2026-11-24 17:20:03.123" for a member "2026-11-24T17:20:03.123Z".
std::string time_of(const config::Value& object, std::string_view name);

/// Text with its control characters made visible; segment ends become line ends.
std::string visible(std::string_view bytes, bool keep_lines);

}  // namespace causeway
