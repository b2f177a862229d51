// A passphrase for a command: the first line of --passphrase-file, or asked for on the terminal,
// where it is not shown.
#pragma once

#include "engine/main/arguments.h"

namespace causeway {

/// NotFound: the file has no first line. To be read before root's rights are dropped: the file may
/// be root's alone.
Result<std::string> passphrase(const Arguments& arguments);

}  // namespace causeway
