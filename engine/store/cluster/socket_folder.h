// Where the private PostgreSQL's Unix socket is: `run/` in the data folder. Linux allows a socket's
// path 107 bytes; where the data folder's path is too long for that, a folder of this user's alone
// in /run/user/UID or /tmp, whose name follows from the data folder's path, so that every program
// finds it. Thread-safe.
#pragma once

#include <filesystem>

#include "engine/core/result.h"

namespace causeway::store {

/// Where it is to be; nothing is made.
std::filesystem::path socket_folder(const std::filesystem::path& data_folder);

/// Makes it, mode 0700. NotPermitted: something is there that isn't a folder of this user's alone.
Result<std::filesystem::path> make_socket_folder(const std::filesystem::path& data_folder);

}  // namespace causeway::store
