#include "engine/store/backup/checksums.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace causeway::store {
namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

TEST_CASE("a changed byte, a lost file and a new one are told by name") {
  testing::TemporaryFolder folder;
  write(folder.path() / "a", "first");
  write(folder.path() / "deep/er/b", std::string(3'000'000, 'x'));
  write(folder.path() / "empty", "");
  CHECK(verify_checksums(folder.path()).error().kind == ErrorKind::Invalid);
  REQUIRE(write_checksums(folder.path()).ok());
  CHECK(verify_checksums(folder.path()).ok());

  write(folder.path() / "deep/er/b", std::string(2'999'999, 'x') + "y");
  const auto changed = verify_checksums(folder.path());
  CHECK(changed.error().kind == ErrorKind::Damaged);
  CHECK(changed.error().place == (folder.path() / "deep/er/b").string());
  write(folder.path() / "deep/er/b", std::string(3'000'000, 'x'));
  CHECK(verify_checksums(folder.path()).ok());

  write(folder.path() / "new", "");
  CHECK(verify_checksums(folder.path()).error().place == (folder.path() / "new").string());
  std::filesystem::remove(folder.path() / "new");
  std::filesystem::remove(folder.path() / "empty");
  CHECK(verify_checksums(folder.path()).error().place == (folder.path() / "empty").string());
}

TEST_CASE("digests are those of sha256sum") {
  testing::TemporaryFolder folder;
  write(folder.path() / "abc", "abc");
  const auto sums = checksums_of(folder.path());
  REQUIRE(sums.ok());
  CHECK(sums->at("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a list that is none, or that leads out of the backup, is refused") {
  const std::string digest(64, 'a');
  CHECK(parse_checksums(digest + "  postgres/PG_VERSION\n").ok());
  for (const auto& text :
       {std::string(), digest, digest + " one\n", digest + "  /etc/passwd\n", digest + "  ../x\n",
        digest + "  a/../../x\n", digest + "  a\n" + digest + "  a\n", "A" + digest + "  a\n"})
    CHECK(parse_checksums(text).error().kind == ErrorKind::Invalid);
}

}  // namespace
}  // namespace causeway::store
