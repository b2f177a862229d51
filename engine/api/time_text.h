// Times as people and the API write them, always UTC. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::api {

std::string time_text(SystemTime at);  ///< "2026-11-24 17:20:03.123"
std::string iso_time(SystemTime at);   ///< "2026-11-24T17:20:03.123Z"

/// ISO 8601 to the millisecond at most: "2026-11-24", "2026-11-24T17:20",
/// "2026-11-24T17:20:03.123Z".
Result<SystemTime> parse_time(std::string_view text);

}  // namespace causeway::api
