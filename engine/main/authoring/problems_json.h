// Problems of channels as JSON, for editors and CI systems. Pure.
#pragma once

#include <string>

#include "engine/config/problems.h"

namespace causeway {

/// A list of objects: file, line and column (0: the file as a whole), pointer, severity ("error" or
/// "warning"), text.
std::string problems_json(const config::Problems& problems);

}  // namespace causeway
