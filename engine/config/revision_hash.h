// The name of a revision by its content. Pure; thread-safe.
#pragma once

#include <map>
#include <string>

#include "engine/config/value.h"

namespace causeway::config {

/// Compact JSON: the same for all files that say the same in the same order.
std::string canonical_json(const Value& value);

/// SHA-256, as 64 hexadecimal digits, of the declaration's canonical JSON and of the scripts.
std::string revision_hash(const Value& declaration,
                          const std::map<std::string, std::string>& scripts);

}  // namespace causeway::config
