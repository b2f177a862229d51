// The parent process of `causeway serve`: runs the private PostgreSQL and the engine, starts again
// whichever ends, and stops both in order: the engine first, then PostgreSQL.
//
// One supervisor per data folder (a lock file; the kernel releases it however we end). If it is
// killed, the kernel kills the engine with it, and the next supervisor adopts PostgreSQL.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/log.h"
#include "engine/core/result.h"

namespace causeway {

/// The engine ends with this code (sysexits.h: EX_CONFIG) where starting it again can't help: then
/// the supervisor stops all, and ends with it too.
inline constexpr int exit_code_config = 78;

/// The variable of its environment in which the engine finds how to connect to the database: other
/// users can read a command line, and a site's address may hold a password.
inline constexpr const char* database_variable = "CAUSEWAY_DATABASE";

struct SupervisorOptions {
  std::filesystem::path data_folder;
  /// A libpq connection string or URL of a server that the site runs; empty: the private one.
  std::string database;
  std::vector<std::string> engine_command;  ///< Program and arguments.
  Milliseconds engine_grace{30'000};        ///< From SIGTERM to SIGKILL.
};

/// Returns when SIGTERM, SIGINT or SIGHUP asked for it (exit code 0), or the engine ended with
/// `exit_code_config`. Conflict: another supervisor has this data folder. Other errors: PostgreSQL
/// could not be started at all. Call on the main thread, before any other is started; it takes over
/// these signals for good.
Result<int> supervise(const SupervisorOptions& options, Log& log);

}  // namespace causeway
