// causeway messages export | import: messages with their content as lines of JSON, from one engine
// and to another. Each returns the exit code.
#pragma once

#include "engine/main/arguments.h"

namespace causeway {

int export_messages(const Arguments& arguments);
int import_messages(const Arguments& arguments);

}  // namespace causeway
