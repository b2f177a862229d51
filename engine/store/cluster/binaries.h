// Where PostgreSQL's programs are on this machine. Thread-safe.
#pragma once

#include <string>

#include "engine/core/result.h"

namespace causeway::store {

inline constexpr int postgres_oldest = 15;

/// The folder with `initdb` and `postgres` of the newest version that is installed, at least
/// `postgres_oldest`; of exactly `version`, if given (a cluster is run by the version that made
/// it). Looks into `root` (Debian's place). NotFound: there is none, with what to install.
Result<std::string> find_binaries(int version = 0, const std::string& root = "/usr/lib/postgresql");

}  // namespace causeway::store
