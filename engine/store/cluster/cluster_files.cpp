#include "engine/store/cluster/cluster_files.h"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "engine/store/cluster/binaries.h"
#include "engine/store/cluster/child_process.h"

namespace causeway::store {
namespace fs = std::filesystem;

namespace {

constexpr auto initdb_patience = std::chrono::minutes(5);

Error unavailable(const fs::path& path, const std::string& why) {
  return {ErrorKind::Unavailable, path.string(), why};
}

Status sync_path(const fs::path& path, int (*sync)(int) = ::fsync) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && sync(fd) == 0;
  const int code = errno;
  if (fd >= 0) ::close(fd);
  if (!synced) return unavailable(path, strerror(code));
  return Done{};
}

/// Whole or not at all: PostgreSQL may be restarted at any moment.
Status write_file(const fs::path& path, const std::string& text) {
  const fs::path draft = path.string() + ".new";
  {
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << text;
    file.flush();
    if (!file) return unavailable(draft, "cannot be written");
  }
  if (auto synced = sync_path(draft); !synced) return synced;
  std::error_code error;
  fs::permissions(draft, fs::perms::owner_read | fs::perms::owner_write, error);
  if (!error) fs::rename(draft, path, error);
  if (error) return unavailable(path, error.message());
  return Done{};
}

Result<std::string> user_name() {
  const passwd* user = ::getpwuid(::geteuid());
  if (user != nullptr) return std::string(user->pw_name);
  return Error{ErrorKind::NotFound, "/etc/passwd",
               "user id " + std::to_string(::geteuid()) + " has no name, as PostgreSQL asks for"};
}

Status append_includes(const fs::path& configuration) {
  std::ofstream file(configuration, std::ios::app);
  file << "\ninclude = 'causeway.conf'\ninclude_if_exists = 'site.conf'\n";
  file.flush();
  if (!file) return unavailable(configuration, "cannot be written");
  return Done{};
}

}  // namespace

Status make_cluster(const fs::path& cluster) {
  if (fs::exists(cluster / "PG_VERSION")) return Done{};
  auto binaries = find_binaries();
  if (!binaries) return binaries.error();
  const fs::path draft = cluster.string() + ".new";
  std::error_code error;
  fs::remove_all(draft, error);
  if (error) return unavailable(draft, error.message());
  auto made = run_command({*binaries + "/initdb", "-D", draft, "-U", "postgres", "--auth=peer",
                           "--data-checksums", "--encoding=UTF8", "--locale=C", "--no-sync"},
                          initdb_patience);
  if (!made) return made;
  if (auto added = append_includes(draft / "postgresql.conf"); !added) return added;
  // At once for the whole file system: initdb would sync a thousand files one by one.
  if (auto synced = sync_path(draft, ::syncfs); !synced) return synced;
  fs::rename(draft, cluster, error);
  if (error) return unavailable(cluster, error.message());
  return sync_path(cluster.parent_path());
}

Result<std::string> binaries_of(const fs::path& cluster) {
  int version = 0;
  std::ifstream(cluster / "PG_VERSION") >> version;
  if (version == 0) return Error{ErrorKind::Damaged, cluster.string(), "is no PostgreSQL cluster"};
  return find_binaries(version);
}

Status write_settings(const fs::path& cluster, const std::string& settings) {
  auto user = user_name();
  if (!user) return user.error();
  const std::string access =
      "# Written by causeway at every start.\nlocal all all peer map=owner\n"
      "local replication postgres peer map=owner\n";
  std::string names = "# Written by causeway at every start.\n";
  for (const std::string& name : {*user, std::string("root")})
    for (const char* role : {"causeway", "postgres"})
      names += "owner \"" + name + "\" " + role + "\n";
  for (const auto& [file, text] :
       {std::pair{"causeway.conf", settings}, std::pair{"pg_hba.conf", access},
        std::pair{"pg_ident.conf", names}})
    if (auto written = write_file(cluster / file, text); !written) return written;
  return Done{};
}

}  // namespace causeway::store
