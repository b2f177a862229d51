// The explicit list of connectors. Immutable; thread-safe.
#pragma once

#include <span>

#include "connectors/support/connector.h"

namespace causeway::connectors {

std::span<const Kind> all_kinds();
const Kind* find_kind(std::string_view name);  ///< nullptr if there is none.

}  // namespace causeway::connectors
