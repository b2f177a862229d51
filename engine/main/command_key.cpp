// causeway key check | rotate | escrow | import: the master keys, on which all that is stored
// depends.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "engine/main/arguments.h"
#include "engine/main/commands.h"
#include "engine/main/installation.h"
#include "engine/main/passphrase.h"
#include "engine/main/privileges.h"
#include "engine/store/cluster/private_cluster.h"
#include "engine/store/sealing/key_escrow.h"
#include "engine/store/store_keys.h"

namespace causeway {
namespace {

namespace fs = std::filesystem;

int usage() {
  std::fprintf(
      stderr,
      "usage: causeway key check [options]         do the master keys open all that is stored?\n"
      "       causeway key rotate [options]        make a new master key, and rewrap by it\n"
      "       causeway key escrow FILE [options]   write the master keys, under a passphrase\n"
      "       causeway key import FILE [options]   bring them back from such a file\n"
      "  --passphrase-file F  its first line (default: asked for)\n%s",
      std::string(Installation::options_help).c_str());
  return 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway key: %s\n", error.str().c_str());
  return 1;
}

struct Opened {
  fs::path folder;
  std::unique_ptr<store::MasterKeys> masters;
};

/// As root, becomes the user that the engine runs as.
Result<Opened> open_masters(const fs::path& data_folder, bool may_be_new) {
  std::error_code ignored;
  if (!may_be_new && !fs::exists(data_folder, ignored))
    return Error{ErrorKind::NotFound, data_folder.string(),
                 "there is no data folder here; name it with --data"};
  auto folder = drop_privileges(data_folder);
  if (!folder) return folder.error();
  if (!may_be_new && !fs::exists(folder->path / "keys", ignored))
    return Error{ErrorKind::NotFound, (folder->path / "keys").string(), "there are no keys here"};
  auto masters = store::MasterKeys::open(folder->path / "keys", store::MasterKeys::Missing::Leave);
  if (!masters) return masters.error();
  return Opened{folder->path, std::move(*masters)};
}

Result<std::unique_ptr<store::StoreKeys>> open_store(const Arguments& arguments, Opened& opened) {
  const auto database = arguments.has("database") ? arguments.value("database")
                                                  : store::private_database(opened.folder);
  auto keys = store::StoreKeys::open(database, *opened.masters);
  if (!keys && keys.error().kind == ErrorKind::Unavailable && !arguments.has("database"))
    return Error{ErrorKind::Unavailable, opened.folder.string(),
                 "its PostgreSQL doesn't answer: is the engine running on it (causeway serve)? " +
                     keys.error().text};
  return keys;
}

int check(const Arguments& arguments) {
  auto opened = open_masters(Installation::data_folder(arguments), false);
  if (!opened) return failed(opened.error());
  auto keys = open_store(arguments, *opened);
  if (!keys) return failed(keys.error());
  auto current = opened->masters->current();
  if (!current) return failed(current.error());
  auto count = (*keys)->check();
  if (!count) return failed(count.error());
  std::printf("master key %d, fingerprint %s\n", current->number,
              store::fingerprint_text(current->fingerprint).c_str());
  std::printf("data keys: %zu open, %zu destroyed on purpose, %zu that do not open\n", count->open,
              count->destroyed, count->closed);
  if (count->old > 0)
    std::printf("%zu are wrapped by an older master key: causeway key rotate finishes that\n",
                count->old);
  if (count->closed > 0)
    std::printf("the first that does not: %s\n", count->first_closed.str().c_str());
  return count->closed > 0 ? 1 : 0;
}

int rotate(const Arguments& arguments) {
  auto opened = open_masters(Installation::data_folder(arguments), false);
  if (!opened) return failed(opened.error());
  auto keys = open_store(arguments, *opened);
  if (!keys) return failed(keys.error());
  auto rotated = (*keys)->rotate();
  if (!rotated) return failed(rotated.error());
  auto current = opened->masters->current();
  if (!current) return failed(current.error());
  std::printf("%s: data keys rewrapped by master key %d, fingerprint %s: %zu\n",
              rotated->finished_earlier ? "finished a rotation that was cut short" : "rotated",
              current->number, store::fingerprint_text(current->fingerprint).c_str(),
              rotated->rewrapped);
  std::printf("escrow it anew: what was escrowed before opens only backups of before\n");
  return 0;
}

int escrow(const Arguments& arguments, const std::string& path) {
  auto secret = passphrase(arguments);
  if (!secret) return failed(secret.error());
  // For its owner alone, opened before root's rights are dropped; never over another file.
  std::error_code ignored;
  if (fs::exists(path, ignored))
    return failed({ErrorKind::Conflict, path, "exists already; name a new file"});
  ::umask(077);
  std::ofstream file(path, std::ios::binary);
  if (!file) return failed({ErrorKind::Unavailable, path, "cannot be written"});
  auto opened = open_masters(Installation::data_folder(arguments), false);
  auto masters = opened ? opened->masters->all() : opened.error();
  auto text = masters ? store::seal_escrow(*masters, *secret) : masters.error();
  if (text) file << *text << std::flush;
  if (text && file) {
    std::printf("master keys escrowed: %zu\n", masters->size());
    return 0;
  }
  file.close();
  fs::remove(path, ignored);
  return failed(text ? Error{ErrorKind::Unavailable, path, "cannot be written"} : text.error());
}

int import(const Arguments& arguments, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(store::escrow_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.empty()) return failed({ErrorKind::NotFound, path, "cannot be read"});
  auto secret = passphrase(arguments);
  if (!secret) return failed(secret.error());
  auto keys = store::open_escrow(text, *secret);
  if (!keys) return failed({keys.error().kind, path, keys.error().text});
  auto opened = open_masters(Installation::data_folder(arguments), true);
  if (!opened) return failed(opened.error());
  auto lock = opened->masters->lock(store::MasterKeys::Use::Rotate);
  if (!lock) return failed(lock.error());
  std::size_t added = 0;
  for (const auto& key : *keys) {
    auto is_new = opened->masters->import(key.secret);
    if (!is_new) return failed(is_new.error());
    added += *is_new ? 1 : 0;
  }
  std::printf("master keys brought back: %zu; here already: %zu\n", added, keys->size() - added);
  return 0;
}

}  // namespace

int command_key(const Words& words) {
  auto arguments = Arguments::parse(words, {{"data", "database", "passphrase-file"}, {"help"}});
  if (!arguments) {
    std::fprintf(stderr, "causeway key: %s\n", arguments.error().str().c_str());
    return usage();
  }
  const auto& given = arguments->words();
  if (arguments->has("help") || given.empty()) return usage();
  if (given.size() == 1 && given[0] == "check") return check(*arguments);
  if (given.size() == 1 && given[0] == "rotate") return rotate(*arguments);
  if (given.size() == 2 && given[0] == "escrow") return escrow(*arguments, given[1]);
  if (given.size() == 2 && given[0] == "import") return import(*arguments, given[1]);
  return usage();
}

}  // namespace causeway
