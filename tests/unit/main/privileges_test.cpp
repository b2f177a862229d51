// As root these become `nobody` in a process of their own; as another user, only what applies to
// that user is tested.
#include "engine/main/privileges.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/support/forked_process.h"
#include "tests/support/temporary_folder.h"

namespace causeway {
namespace {
namespace fs = std::filesystem;
using testing::ForkedProcess;
using testing::TemporaryFolder;

constexpr uid_t nobody = 65534;

bool is_root() {
  return ::geteuid() == 0;
}

uid_t owner_of(const fs::path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 ? info.st_uid : static_cast<uid_t>(-1);
}

struct Place {
  TemporaryFolder folder;
  UnprivilegedUser user{"nobody", folder.path() / "home"};

  Place() { fs::permissions(folder.path(), fs::perms(0755)); }
  /// The exit code is 0 if the privileges were dropped and `holds` then holds.
  int dropped(const fs::path& data, const std::function<bool(const DataFolder&)>& holds) {
    return ForkedProcess([&] {
             auto dropped = drop_privileges(data, user);
             if (!dropped) return 100 + static_cast<int>(dropped.error().kind);
             if (::geteuid() != nobody || ::getegid() == 0 || ::setuid(0) == 0) return 1;
             return holds(*dropped) ? 0 : 2;
           })
        .wait();
  }
};

TEST_CASE("somebody without privileges keeps the data folder asked for") {
  if (is_root()) return;
  TemporaryFolder folder;
  auto data = drop_privileges(folder.path() / "a/b");
  REQUIRE(data.ok());
  CHECK(data->path == folder.path() / "a/b");
  CHECK(data->notice.empty());
  CHECK(fs::is_directory(folder.path() / "a/b"));
}

TEST_CASE("root gives a new data folder to the user, and becomes it") {
  if (!is_root()) return;
  Place place;
  const auto data = place.folder.path() / "new/data";
  CHECK(place.dropped(data, [&](const DataFolder& folder) {
    std::ofstream(data / "file") << "x";
    return folder.path == data && folder.notice.empty() && fs::exists(data / "file");
  }) == 0);
  CHECK(owner_of(data) == nobody);
  CHECK(owner_of(place.folder.path() / "new") == 0);
}

TEST_CASE("root gives all of its own data folder to the user, and follows no link") {
  if (!is_root()) return;
  Place place;
  const auto data = place.folder.path() / "data";
  fs::create_directories(data / "keys");
  std::ofstream(data / "keys/master-1.key") << "x";
  std::ofstream(place.folder.path() / "outside") << "x";
  fs::create_symlink(place.folder.path() / "outside", data / "link");
  CHECK(place.dropped(data, [](const DataFolder&) { return true; }) == 0);
  CHECK(owner_of(data / "keys/master-1.key") == nobody);
  CHECK(owner_of(place.folder.path() / "outside") == 0);
}

TEST_CASE("root doesn't give away a folder with other things in it") {
  if (!is_root()) return;
  Place place;
  const auto data = place.folder.path() / "etc";
  fs::create_directories(data);
  std::ofstream(data / "passwd") << "x";
  CHECK(place.dropped(data, [](const DataFolder&) { return true; }) ==
        100 + static_cast<int>(ErrorKind::Conflict));
  CHECK(owner_of(data) == 0);
}

TEST_CASE("a data folder that the user can't reach is replaced, and that is said") {
  if (!is_root()) return;
  Place place;
  const auto hidden = place.folder.path() / "root";
  fs::create_directories(hidden);
  fs::permissions(hidden, fs::perms(0700));
  CHECK(place.dropped(hidden / "data", [&](const DataFolder& folder) {
    return folder.path == place.user.home &&
           folder.notice.find((hidden / "data").string()) != std::string::npos;
  }) == 0);
  CHECK(owner_of(place.user.home) == nobody);
  CHECK_FALSE(fs::exists(hidden / "data"));
}

TEST_CASE("a data folder that belongs to a user is served as that user") {
  if (!is_root()) return;
  Place place;
  place.user.name = "daemon";
  const auto data = place.folder.path() / "data";
  fs::create_directories(data);
  REQUIRE(::chown(data.c_str(), nobody, nobody) == 0);
  CHECK(place.dropped(data, [&](const DataFolder& folder) { return folder.path == data; }) == 0);
}

}  // namespace
}  // namespace causeway
