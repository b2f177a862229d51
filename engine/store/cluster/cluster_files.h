// The files of the private PostgreSQL, in its data folder's `postgres/`: made once, and the
// settings written anew at every start. For one process at a time: the supervisor's lock sees to
// that.
#pragma once

#include <filesystem>
#include <string>

#include "engine/core/result.h"

namespace causeway::store {

/// Makes the cluster (initdb: checksums, UTF-8, C locale) if there is none. One that was cut short
/// is made again: it gets its name only when it is complete.
Status make_cluster(const std::filesystem::path& cluster);

/// The programs of the version that made the cluster.
Result<std::string> binaries_of(const std::filesystem::path& cluster);

/// Writes causeway.conf, pg_hba.conf (the Unix socket, for backups too, peer authentication,
/// nothing else) and pg_ident.conf (this user and root may be any role).
Status write_settings(const std::filesystem::path& cluster, const std::string& settings);

}  // namespace causeway::store
