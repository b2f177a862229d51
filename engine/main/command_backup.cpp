// causeway backup, and causeway restore.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "engine/core/clock.h"
#include "engine/main/api_services.h"
#include "engine/main/arguments.h"
#include "engine/main/commands.h"
#include "engine/main/folder_lock.h"
#include "engine/main/installation.h"
#include "engine/main/last_backup.h"
#include "engine/main/privileges.h"
#include "engine/observe/text_log.h"
#include "engine/security/audit_heads.h"
#include "engine/store/backup/cluster_backup.h"
#include "engine/store/cluster/private_cluster.h"
#include "engine/store/sending_hold.h"

namespace causeway {
namespace {

namespace fs = std::filesystem;

int backup_usage() {
  std::fprintf(
      stderr,
      "usage: causeway backup DIR [options]      while the engine runs; DIR is new or empty\n"
      "       causeway backup DIR --verify       look whether a backup is still as it was made\n"
      "  --data FOLDER        the engine's data folder (default: as for other commands)\n"
      "The store as of now, sealed as it is, tried by starting a scratch server on a copy (which\n"
      "needs as much room again for a while). The master keys are not in it: causeway key escrow.\n"
      "A PostgreSQL that the site runs (--database) is backed up by the site.\n");
  return 2;
}

int restore_usage() {
  std::fprintf(
      stderr,
      "usage: causeway restore DIR --data NEW    into a data folder that has its keys, no store\n"
      "       causeway restore --release [--data FOLDER] [--database URL]\n"
      "Bring the keys first: causeway key import FILE --data NEW; and, so that the audit trail "
      "goes on\n"
      "as one, keys/audit.key and audit.heads of the old data folder. A restored store starts "
      "held:\n"
      "messages are received and run, and none is sent until --release, for what went out after\n"
      "the backup was made isn't known in it. Look first: causeway queue show, messages find.\n");
  return 2;
}

int failed(const char* command, const Error& error) {
  std::fprintf(stderr, "causeway %s: %s\n", command, error.str().c_str());
  return 1;
}

/// As root: makes the folder, for the user that owns the data folder and that we are to become.
Status give_folder(const fs::path& folder, const fs::path& data_folder) {
  struct stat owner {};
  if (::geteuid() != 0 || ::stat(data_folder.c_str(), &owner) != 0) return Done{};
  std::error_code error;
  if (fs::create_directories(folder, error); error)
    return Error{ErrorKind::Unavailable, folder.string(), error.message()};
  if (!fs::is_empty(folder, error) || error)
    return Error{ErrorKind::Conflict, folder.string(), "is not empty"};
  if (::chown(folder.c_str(), owner.st_uid, owner.st_gid) != 0)
    return Error{ErrorKind::NotPermitted, folder.string(), "cannot be given to the engine's user"};
  return Done{};
}

void print_ledger(const std::string& ledger) {
  for (std::size_t at = 0; at < ledger.size();) {
    const auto line = ledger.substr(at, ledger.find('\n', at) - at);
    const auto name = line.substr(0, line.find(' '));
    const auto rows = line.substr(name.size() + 1, line.rfind(' ') - name.size() - 1);
    if (rows != "0") std::printf("  %-14s %s\n", name.c_str(), rows.c_str());
    at += line.size() + 1;
  }
}

int backup(const fs::path& target, const fs::path& wanted) {
  std::error_code ignored;
  if (!fs::exists(wanted / "postgres", ignored))
    return failed("backup", {ErrorKind::NotFound, wanted.string(),
                             "no private PostgreSQL is here; name its data folder with --data"});
  if (auto given = give_folder(target, wanted); !given) return failed("backup", given.error());
  auto folder = drop_privileges(wanted);
  if (!folder) return failed("backup", folder.error());
  auto masters = store::MasterKeys::open(folder->path / "keys", store::MasterKeys::Missing::Leave);
  if (!masters) return failed("backup", masters.error());
  MachineClock clock;
  observe::TextLog log(clock, LogLevel::Warn);
  auto ledger = store::make_backup({target, folder->path}, **masters, log);
  if (!ledger) return failed("backup", ledger.error());
  if (auto noted = note_backup(folder->path, target); !noted)
    return failed("backup", noted.error());
  std::printf("backed up to %s, and verified; rows:\n", target.c_str());
  print_ledger(*ledger);
  std::printf("without the master keys it opens nothing: causeway key escrow FILE\n");
  return 0;
}

int verify(const fs::path& target) {
  if (auto good = store::verify_backup(target); !good) return failed("backup", good.error());
  std::printf("%s is as it was made\n", target.c_str());
  return 0;
}

int restore(const fs::path& from, const fs::path& wanted) {
  std::error_code ignored;
  if (!fs::exists(wanted / "keys", ignored))
    return failed("restore", {ErrorKind::NotFound, wanted.string(),
                              "has no keys: causeway key import FILE --data NEW comes first"});
  auto folder = drop_privileges(wanted);
  if (!folder) return failed("restore", folder.error());
  if (folder->path != wanted)
    return failed("restore", {ErrorKind::NotPermitted, "", folder->notice});
  if (::access(from.c_str(), R_OK | X_OK) != 0)
    return failed("restore", {ErrorKind::NotPermitted, from.string(),
                              "cannot be read by the user that owns the data folder"});
  auto lock = FolderLock::take(folder->path);
  if (!lock) return failed("restore", lock.error());
  auto masters = store::MasterKeys::open(folder->path / "keys", store::MasterKeys::Missing::Leave);
  if (!masters) return failed("restore", masters.error());
  MachineClock clock;
  observe::TextLog log(clock, LogLevel::Warn);
  auto restored = store::restore_backup({from, folder->path}, **masters, log);
  if (!restored) return failed("restore", restored.error());
  auto key = security::AuditKey::open(audit_key_file(folder->path));
  if (!key) return failed("restore", key.error());
  auto noted = security::AuditHeads::note_restore(audit_heads_file(folder->path), **key,
                                                  restored->last_audit_rows, clock.now());
  if (!noted) return failed("restore", noted.error());
  std::printf("restored into %s, with the same ledger; rows:\n", folder->path.c_str());
  print_ledger(restored->ledger);
  std::printf("nothing will be sent until: causeway restore --release --data %s\n",
              folder->path.c_str());
  return 0;
}

int release(const Arguments& arguments) {
  const auto wanted = Installation::data_folder(arguments);
  auto folder = drop_privileges(wanted);
  if (!folder) return failed("restore", folder.error());
  const auto database = arguments.has("database") ? arguments.value("database")
                                                  : store::private_database(folder->path);
  auto lifted = store::SendingHold({database, "causeway restore"}).lift();
  if (!lifted) return failed("restore", lifted.error());
  std::printf(*lifted ? "released: what waits is sent now\n" : "there is no hold\n");
  return *lifted ? 0 : 1;
}

}  // namespace

int command_backup(const Words& words) {
  auto arguments = Arguments::parse(words, {{"data"}, {"verify", "help"}});
  if (!arguments) std::fprintf(stderr, "causeway backup: %s\n", arguments.error().str().c_str());
  if (!arguments || arguments->has("help") || arguments->words().size() != 1) return backup_usage();
  const auto target = fs::absolute(arguments->words()[0]);
  if (arguments->has("verify")) return verify(target);
  return backup(target, Installation::data_folder(*arguments));
}

int command_restore(const Words& words) {
  auto arguments = Arguments::parse(words, {{"data", "database"}, {"release", "help"}});
  if (!arguments) std::fprintf(stderr, "causeway restore: %s\n", arguments.error().str().c_str());
  if (!arguments || arguments->has("help")) return restore_usage();
  if (arguments->has("release") && arguments->words().empty()) return release(*arguments);
  if (arguments->has("release") || !arguments->has("data") || arguments->words().size() != 1)
    return restore_usage();
  return restore(fs::absolute(arguments->words()[0]), fs::absolute(arguments->value("data")));
}

}  // namespace causeway
