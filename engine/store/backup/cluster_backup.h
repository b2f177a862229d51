// Backup and restore of the private PostgreSQL. Not thread-safe; blocks for as long as the copying
// takes; needs the programs pg_basebackup and pg_verifybackup of PostgreSQL's own package.
//
//   BACKUP/postgres/     a base backup, with the WAL that makes it consistent
//   BACKUP/ledger        what it holds, as read from a scratch server started on a copy of it
//   BACKUP/SHA256SUMS    digests of all files; written last
//
// Content in it is sealed, and data keys are wrapped; the master keys are not in it: see
// sealing/key_escrow.h. Nothing runs as root.
#pragma once

#include <filesystem>
#include <map>

#include "engine/core/ids.h"
#include "engine/core/log.h"
#include "engine/core/result.h"
#include "engine/store/sealing/master_keys.h"

namespace causeway::store {

struct BackupPlace {
  std::filesystem::path backup;       ///< Made here; empty or not there yet.
  std::filesystem::path data_folder;  ///< Whose PostgreSQL runs.
};

/// Makes a backup, then starts a scratch server on a copy of it, in the same folder, which needs as
/// much room again for a while: it must come up, its keys must open by `masters`, and all rows be
/// readable. Returns the ledger. On an error no complete backup is left.
Result<std::string> make_backup(const BackupPlace& place, MasterKeys& masters, Log& log);

/// Damaged: a file was altered, is missing or too many. Reads every byte.
Status verify_backup(const std::filesystem::path& backup);

/// Verifies the backup, brings it up in `data_folder` (which has no `postgres/` yet), compares the
/// ledger, checks that `masters` open it, sets the hold on sending, and raises the epochs of
/// leases, so that no nonce comes twice. On an error `data_folder` has no cluster.
struct Restored {
  std::string ledger;
  std::map<NodeId, std::int64_t> last_audit_rows;  ///< The number of each node's newest.
};
Result<Restored> restore_backup(const BackupPlace& place, MasterKeys& masters, Log& log);

/// Why nothing is sent from a restored store.
inline constexpr const char* restored_reason = "restored";

}  // namespace causeway::store
