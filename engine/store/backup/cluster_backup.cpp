#include "engine/store/backup/cluster_backup.h"

#include <fstream>

#include "engine/store/backup/checksums.h"
#include "engine/store/backup/ledger.h"
#include "engine/store/cluster/child_process.h"
#include "engine/store/cluster/cluster_files.h"
#include "engine/store/cluster/private_cluster.h"
#include "engine/store/cluster/socket_folder.h"
#include "engine/store/sealing/aes_gcm.h"
#include "engine/store/sealing/big_endian.h"
#include "engine/store/sending_hold.h"
#include "engine/store/store_keys.h"

namespace causeway::store {
namespace fs = std::filesystem;

namespace {

constexpr auto copy_patience = std::chrono::hours(12);
constexpr const char* ledger_name = "ledger";
constexpr const char* scratch_name = "scratch";

// A node that went on after the backup has used the next epochs, and with them nonces. The room for
// epochs is 2^23 (journal_queue.cpp): enough for a hundred restores one from the other.
constexpr std::int64_t epoch_jump_least = 1 << 12;
constexpr std::int64_t epoch_jump_spread = 1 << 16;

Error no_room(const fs::path& path, const std::error_code& error) {
  return {ErrorKind::Unavailable, path.string(), error.message()};
}

/// Removes a folder at the end of the scope, unless it is to be kept.
class Passing {
 public:
  explicit Passing(fs::path path) : path_(std::move(path)) {}
  ~Passing() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Passing(const Passing&) = delete;
  void keep() { path_.clear(); }

 private:
  fs::path path_;
};

Status empty_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && fs::is_empty(folder, error) && !error)
    fs::permissions(folder, fs::perms::owner_all, error);
  else if (!error)
    return Error{ErrorKind::Conflict, folder.string(), "is not empty"};
  if (error) return no_room(folder, error);
  return Done{};
}

/// A running server on a copy of a base backup, in a data folder of its own.
class CopiedCluster {
 public:
  CopiedCluster(const fs::path& base, const fs::path& data_folder, Log& log)
      : base_(base), data_folder_(data_folder), cluster_(data_folder, log) {}
  ~CopiedCluster() { cluster_.stop(); }
  CopiedCluster(const CopiedCluster&) = delete;

  Status start() {
    if (auto made = empty_folder(data_folder_); !made) return made;
    auto copied = run_command(
        {"cp", "-R", "--preserve=mode,timestamps", "--reflink=auto", base_, data_folder_},
        copy_patience);
    if (!copied) return copied;
    return cluster_.start([] { return false; });
  }
  void stop() { cluster_.stop(); }
  std::string database() const { return cluster_.database(); }

 private:
  const fs::path base_;
  const fs::path data_folder_;
  PrivateCluster cluster_;
};

Status keys_open(const std::string& database, MasterKeys& masters) {
  auto keys = StoreKeys::open(database, masters);
  if (!keys) return keys.error();
  auto count = (*keys)->check();
  if (!count) return count.error();
  if (count->closed == 0) return Done{};
  return Error{count->first_closed.kind, count->first_closed.place,
               "the master keys here do not open this store: " + count->first_closed.text};
}

Status base_backup(const BackupPlace& place) {
  auto binaries = binaries_of(place.data_folder / "postgres");
  if (!binaries) return binaries.error();
  return run_command(
      {*binaries + "/pg_basebackup", "--pgdata", place.backup / "postgres", "--host",
       socket_folder(place.data_folder), "--port", "5432", "--username", "postgres",
       "--no-password", "--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256"},
      copy_patience);
}

/// By PostgreSQL's own manifest: the WAL that the backup needs is parsed too.
Status verify_base(const fs::path& base) {
  auto binaries = binaries_of(base);
  if (!binaries) return binaries.error();
  auto good = run_command({*binaries + "/pg_verifybackup", "--quiet", base}, copy_patience);
  if (!good && good.error().kind == ErrorKind::Internal)
    return Error{ErrorKind::Damaged, base.string(), good.error().text};
  return good;
}

Result<std::string> scratch_ledger(const BackupPlace& place, MasterKeys& masters, Log& log) {
  const auto folder = place.backup / scratch_name;
  const Passing scratch(folder);
  CopiedCluster copy(place.backup / "postgres", folder, log);
  if (auto started = copy.start(); !started) return started.error();
  if (auto open = keys_open(copy.database(), masters); !open) return open.error();
  return read_ledger(copy.database());
}

std::string kept_ledger(const fs::path& backup) {
  std::ifstream file(backup / ledger_name, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

Status raise_epochs(const std::string& database) {
  auto connection = Connection::open({database, "causeway restore"});
  if (!connection) return connection.error();
  const auto chance = static_cast<std::int64_t>(read_big_endian(random_bytes(4)));
  auto raised = connection->query(
      "UPDATE lease SET epoch = epoch + (SELECT max(epoch) FROM lease) + $1::integer,"
      " holder = '', until = now()",
      Params().normal(static_cast<std::int32_t>(epoch_jump_least + chance % epoch_jump_spread)));
  if (!raised) return raised.error();
  return Done{};
}

Result<std::map<NodeId, std::int64_t>> last_audit_rows(const std::string& database) {
  auto connection = Connection::open({database, "causeway restore"});
  if (!connection) return connection.error();
  auto rows = connection->query(
      "SELECT node, max(seq) FROM (SELECT node, seq FROM audit UNION ALL"
      " SELECT node, 0 FROM lease) AS known GROUP BY node");
  if (!rows) return rows.error();
  std::map<NodeId, std::int64_t> last;
  for (std::size_t i = 0; i < rows->size(); ++i)
    last[NodeId{static_cast<std::int16_t>(rows->integer(i, 0))}] = rows->integer(i, 1);
  return last;
}

/// What is done to a restored store before any engine sees it.
Status prepare_restored(const std::string& database, const std::string& ledger,
                        MasterKeys& masters) {
  auto restored = read_ledger(database);
  if (!restored) return restored.error();
  if (*restored != ledger)
    return Error{ErrorKind::Damaged, ledger_name, "the restored store holds something else"};
  if (auto open = keys_open(database, masters); !open) return open;
  if (auto raised = raise_epochs(database); !raised) return raised;
  return SendingHold({database, "causeway restore"}).set(restored_reason);
}

}  // namespace

Result<std::string> make_backup(const BackupPlace& place, MasterKeys& masters, Log& log) {
  if (auto made = empty_folder(place.backup); !made) return made.error();
  Passing base(place.backup / "postgres");
  if (auto copied = base_backup(place); !copied) return copied.error();
  if (auto good = verify_base(place.backup / "postgres"); !good) return good.error();
  auto ledger = scratch_ledger(place, masters, log);
  if (!ledger) return ledger.error();
  std::ofstream(place.backup / ledger_name, std::ios::binary) << *ledger << std::flush;
  if (auto written = write_checksums(place.backup); !written) return written.error();
  base.keep();
  return ledger;
}

Status verify_backup(const fs::path& backup) {
  if (auto same = verify_checksums(backup); !same) return same;
  return verify_base(backup / "postgres");
}

Result<Restored> restore_backup(const BackupPlace& place, MasterKeys& masters, Log& log) {
  const auto cluster = place.data_folder / "postgres";
  std::error_code error;
  if (fs::exists(cluster, error))
    return Error{ErrorKind::Conflict, cluster.string(),
                 "there is a store already: restore into a new data folder"};
  if (auto good = verify_backup(place.backup); !good) return good.error();
  Restored restored{kept_ledger(place.backup), {}};
  const auto folder = place.data_folder / "restoring";
  const Passing restoring(folder);
  {
    CopiedCluster copy(place.backup / "postgres", folder, log);
    if (auto started = copy.start(); !started) return started.error();
    if (auto done = prepare_restored(copy.database(), restored.ledger, masters); !done)
      return done.error();
    auto last = last_audit_rows(copy.database());
    if (!last) return last.error();
    restored.last_audit_rows = std::move(*last);
    copy.stop();
  }
  fs::rename(folder / "postgres", cluster, error);
  if (error) return no_room(cluster, error);
  return restored;
}

}  // namespace causeway::store
