#include "engine/store/cluster/socket_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace causeway::store {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t socket_path_bytes_max = 107;  // sockaddr_un::sun_path less its final zero
// PostgreSQL makes a lock file of the longer name beside it.
constexpr std::string_view socket_name = "/.s.PGSQL.5432.lock";

/// FNV-1a: the same in every build and version, unlike std::hash.
std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3u;
  return hash;
}

fs::path short_place() {
  const fs::path mine = "/run/user/" + std::to_string(::geteuid());
  return ::access(mine.c_str(), W_OK | X_OK) == 0 ? mine : "/tmp";
}

}  // namespace

fs::path socket_folder(const fs::path& data_folder) {
  std::error_code not_there;
  const fs::path whole = fs::weakly_canonical(data_folder, not_there);
  const fs::path usual = whole / "run";
  if (usual.native().size() + socket_name.size() <= socket_path_bytes_max) return usual;
  char name[32];
  std::snprintf(name, sizeof name, "causeway-%016llx",
                static_cast<unsigned long long>(stable_hash(whole.native())));
  return short_place() / name;
}

Result<fs::path> make_socket_folder(const fs::path& data_folder) {
  const fs::path folder = socket_folder(data_folder);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return Error{ErrorKind::Unavailable, folder.string(),
                 std::string("the socket's folder cannot be made: ") + strerror(errno)};
  struct stat info {};
  const bool mine = ::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
                    info.st_uid == ::geteuid() && (info.st_mode & 077) == 0;
  if (!mine)
    return Error{ErrorKind::NotPermitted, folder.string(),
                 "is not a folder of this user's alone (mode 0700), as the socket's must be"};
  return folder;
}

}  // namespace causeway::store
