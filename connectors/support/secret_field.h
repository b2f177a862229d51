// The value of a field that was declared secret. Thread-safe.
#pragma once

#include <string>

#include "engine/config/fields.h"
#include "engine/core/secrets.h"

namespace causeway::connectors {

/// Empty if the field isn't given. Errors as those of Secrets::value; they never hold a value.
Result<std::string> secret_value(const config::Parsed& parsed, std::string_view field,
                                 const Secrets* secrets);

}  // namespace causeway::connectors
