// Times for people and for headers. Pure.
#pragma once

#include <string>

#include "engine/core/ids.h"

namespace causeway::connectors {

/// In the words of strftime, UTC.
std::string utc_text(SystemTime time, const char* format);

}  // namespace causeway::connectors
