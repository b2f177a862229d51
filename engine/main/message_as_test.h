// causeway messages export ID --as-test NAME --into FOLDER: a stored message becomes a test of a
// channel, without its patient.
#pragma once

#include "engine/main/arguments.h"

namespace causeway {

/// Returns the exit code.
int export_as_test(const Arguments& arguments);

}  // namespace causeway
