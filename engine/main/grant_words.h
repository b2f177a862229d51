// Grants as they are typed and shown: "operator@lab", "viewer". Pure functions.
#pragma once

#include <string>

#include "engine/config/value.h"
#include "engine/main/arguments.h"

namespace causeway {

/// Those of --grant, as the API reads them. The role's name is for the API to check.
Result<std::string> grants_json(const Arguments& arguments);
/// Those in an answer's "grants".
std::string grants_text(const config::Value& object);

}  // namespace causeway
