#include "engine/main/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "engine/core/check.h"
#include "engine/store/cluster/child_process.h"

namespace causeway {
namespace fs = std::filesystem;

namespace {

constexpr auto useradd_patience = std::chrono::seconds(30);

struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
};

Error system_error(const fs::path& path, const std::string& what) {
  return {ErrorKind::Unavailable, path.string(), what + ": " + strerror(errno)};
}

User user_of(const passwd& entry) {
  return {entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir};
}

Result<User> find_or_make_user(const UnprivilegedUser& wanted) {
  if (const passwd* entry = ::getpwnam(wanted.name.c_str())) return user_of(*entry);
  auto made =
      store::run_command({"useradd", "--system", "--user-group", "--no-create-home", "--home-dir",
                          wanted.home, "--shell", "/usr/sbin/nologin", wanted.name},
                         useradd_patience);
  // Another process may have made it at the same moment.
  if (const passwd* entry = ::getpwnam(wanted.name.c_str())) return user_of(*entry);
  if (!made) return made.error();
  return Error{ErrorKind::Internal, "useradd", "made no user " + wanted.name};
}

/// The folder's owner, where somebody but root has it already.
Result<User> choose_user(const fs::path& data_folder, const UnprivilegedUser& wanted) {
  struct stat info {};
  if (::stat(data_folder.c_str(), &info) != 0 || info.st_uid == 0) return find_or_make_user(wanted);
  if (const passwd* entry = ::getpwuid(info.st_uid)) return user_of(*entry);
  return Error{ErrorKind::NotFound, data_folder.string(),
               "belongs to user id " + std::to_string(info.st_uid) + ", which has no name"};
}

Status become(const User& user) {
  if (::initgroups(user.name.c_str(), user.gid) != 0 || ::setgid(user.gid) != 0 ||
      ::setuid(user.uid) != 0)
    return system_error(user.name, "cannot become this user");
  CHECK(::setuid(0) != 0);  // there is no way back
  return Done{};
}

/// Asked of the kernel, as that user: permissions have more to them than mode bits.
bool user_reaches(const User& user, const fs::path& folder) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool reached = become(user).ok() && ::access(folder.c_str(), X_OK) == 0;
    ::_exit(reached ? 0 : 1);
  }
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

fs::path deepest_existing(fs::path folder) {
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

/// Root's /etc, say, isn't to be given away because of a mistyped option.
bool may_be_given_away(const fs::path& folder) {
  std::error_code error;
  if (fs::is_empty(folder, error) && !error) return true;
  for (const char* ours : {"keys", "postgres", "lock"})
    if (fs::exists(folder / ours, error)) return true;
  return false;
}

Status give_to(const User& user, const fs::path& path) {
  if (::lchown(path.c_str(), user.uid, user.gid) != 0)
    return system_error(path, "cannot be given to " + user.name);
  return Done{};
}

Status give_all_to(const User& user, const fs::path& folder) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) == 0 && info.st_uid == user.uid) return Done{};
  if (!may_be_given_away(folder))
    return Error{ErrorKind::Conflict, folder.string(),
                 "belongs to root and has other things in it: choose an empty or new data folder"};
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (auto given = give_to(user, entry->path()); !given) return given;
  if (error) return Error{ErrorKind::Unavailable, folder.string(), error.message()};
  return give_to(user, folder);  // last, so that a run cut short is done again
}

Status make_folder(const fs::path& folder) {
  std::error_code error;
  const bool made = fs::create_directories(folder, error);
  if (made && !error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return Error{ErrorKind::Unavailable, folder.string(), error.message()};
  return Done{};
}

}  // namespace

Result<DataFolder> drop_privileges(const fs::path& data_folder, const UnprivilegedUser& wanted) {
  DataFolder folder{fs::absolute(data_folder).lexically_normal(), {}};
  if (::geteuid() != 0) {
    if (auto made = make_folder(folder.path); !made) return made.error();
    return folder;
  }
  auto user = choose_user(folder.path, wanted);
  if (!user) return user.error();
  if (!user_reaches(*user, deepest_existing(folder.path.parent_path()))) {
    folder.notice = folder.path.string() + " can't be reached by the user " + user->name +
                    ": the data folder is " + wanted.home.string();
    folder.path = wanted.home;
  }
  if (auto made = make_folder(folder.path); !made) return made.error();
  if (auto given = give_all_to(*user, folder.path); !given) return given.error();
  if (auto became = become(*user); !became) return became.error();
  ::setenv("HOME", user->home.c_str(), 1);
  ::setenv("USER", user->name.c_str(), 1);
  if (::access(".", X_OK) != 0 && ::chdir("/") != 0) return system_error("/", "cannot be entered");
  return folder;
}

}  // namespace causeway
