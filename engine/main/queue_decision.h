// causeway queue retry | skip | mark-delivered | discard: a person's decision, by the admin API.
#pragma once

#include "engine/main/arguments.h"

namespace causeway {

/// Prints what was done and what was refused; the exit code: 1 if anything was refused.
int decide_on_queue(const std::string& decision, const Arguments& arguments);

}  // namespace causeway
