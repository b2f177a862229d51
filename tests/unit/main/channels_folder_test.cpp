#include "engine/main/channels_folder.h"

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

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  return text;
}

/// root/private/channels/lab/channel.json, and an empty root/data that anybody may write to.
struct Place {
  TemporaryFolder folder;
  fs::path closed = folder.path() / "private";
  fs::path channels = closed / "channels";
  fs::path data = folder.path() / "data";

  Place() {
    fs::permissions(folder.path(), fs::perms(0755));
    fs::create_directories(channels / "lab");
    std::ofstream(channels / "lab/channel.json") << "{}";
    fs::create_directory(data);
    fs::permissions(data, fs::perms::all);
  }
};

TEST_CASE("a folder of channels that can be reached is used as it is") {
  Place place;
  auto opened = ChannelsFolder::open(place.channels / ".");
  REQUIRE(opened.ok());
  auto reached = opened->reach(place.data);
  REQUIRE(reached.ok());
  CHECK(reached->path == fs::canonical(place.channels));
  CHECK(!reached->is_copy);
  CHECK(fs::is_empty(place.data));
}

TEST_CASE("a folder of channels that is missing is an error") {
  TemporaryFolder folder;
  CHECK(ChannelsFolder::open(folder.path() / "none").error().kind == ErrorKind::NotFound);
}

TEST_CASE("a folder of channels that only root can reach is copied, each time anew") {
  if (::geteuid() != 0) return;
  Place place;
  fs::permissions(place.closed, fs::perms::owner_all);
  fs::create_symlink("/etc/passwd", place.channels / "lab/leak.js");
  auto opened = ChannelsFolder::open(place.channels);
  REQUIRE(opened.ok());
  const auto copy = place.data / "channels";
  const int code = ForkedProcess([&] {
                     if (::setuid(nobody) != 0) return 1;
                     auto reached = opened->reach(place.data);
                     if (!reached || !reached->is_copy || reached->path != copy) return 2;
                     std::ofstream(copy / "old") << "x";
                     reached = opened->reach(place.data);
                     return reached && !fs::exists(copy / "old") ? 0 : 3;
                   }).wait();
  CHECK(code == 0);
  CHECK(text_of(copy / "lab/channel.json") == "{}");
  CHECK(fs::is_symlink(copy / "lab/leak.js"));
}

TEST_CASE("a folder of channels that can neither be reached nor copied is an error") {
  if (::geteuid() != 0) return;
  Place place;
  fs::permissions(place.closed, fs::perms::owner_all);
  auto opened = ChannelsFolder::open(place.channels);
  REQUIRE(opened.ok());
  fs::permissions(place.data, fs::perms::owner_all);
  const int code = ForkedProcess([&] {
                     if (::setuid(nobody) != 0) return 1;
                     auto reached = opened->reach(place.data);
                     return reached ? 2 : reached.error().kind == ErrorKind::Unavailable ? 0 : 3;
                   }).wait();
  CHECK(code == 0);
}

}  // namespace
}  // namespace causeway
