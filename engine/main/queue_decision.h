// causeway queue retry | skip | mark-delivered | discard: a person's decision, by the admin API.
#pragma once

#include "engine/main/arguments.h"

namespace causeway {

/// Stops lanes, or lets them go ("release"). Returns the exit code.
int hold_in_queue(const std::string& verb, const Arguments& arguments);
/// Prints what was done and what was refused; the exit code: 1 if anything was refused.
/// Another content for one piece of work, from a file. Returns the exit code.
int edit_in_queue(const Arguments& arguments);
int decide_on_queue(const std::string& decision, const Arguments& arguments);

}  // namespace causeway
