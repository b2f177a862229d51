#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "engine/store/sealing/data_keys.h"
#include "engine/store/sealing/installation_hash.h"
#include "engine/store/sealing/key_wrapping.h"
#include "tests/support/memory_key_table.h"
#include "tests/support/temporary_folder.h"

namespace causeway::store {
namespace {
namespace fs = std::filesystem;
using testing::MemoryKeyTable;
using testing::TemporaryFolder;

const Day day{std::chrono::year(2026) / 11 / 24};
const RetentionClass normal{0};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {(std::istreambuf_iterator<char>(file)), {}};
}

TEST_CASE("the master key is made once, for its owner alone, and found again") {
  TemporaryFolder folder;
  auto first = MasterKeys::open(folder.path() / "keys");
  REQUIRE(first.ok());
  const auto path = folder.path() / "keys/master-1.key";
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(info.st_size == 32);
  REQUIRE(::stat((folder.path() / "keys").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  auto second = MasterKeys::open(folder.path() / "keys");
  REQUIRE(second.ok());
  CHECK((*second)->current()->fingerprint == (*first)->current()->fingerprint);
}

TEST_CASE("a master key that others may read, or of another size, is refused") {
  TemporaryFolder folder;
  REQUIRE(MasterKeys::open(folder.path() / "keys").ok());
  const auto path = folder.path() / "keys/master-1.key";
  ::chmod(path.c_str(), 0640);
  auto readable = MasterKeys::open(folder.path() / "keys");
  REQUIRE_FALSE(readable.ok());
  CHECK(readable.error().kind == ErrorKind::NotPermitted);
  CHECK(readable.error().place == path.string());
  ::chmod(path.c_str(), 0600);
  fs::resize_file(path, 31);
  auto cut = MasterKeys::open(folder.path() / "keys");
  REQUIRE_FALSE(cut.ok());
  CHECK(cut.error().kind == ErrorKind::Invalid);
}

TEST_CASE("a data key is one per class and day, and survives a restart") {
  TemporaryFolder folder;
  MemoryKeyTable table;
  auto masters = *MasterKeys::open(folder.path() / "keys");
  DataKeys keys(table, *masters);
  auto key = *keys.for_sealing(normal, day);
  CHECK(keys.for_sealing(normal, day).value() == key);
  CHECK((*keys.for_sealing(RetentionClass{1}, day))->id != key->id);
  CHECK((*keys.for_sealing(normal, day + std::chrono::days(1)))->id != key->id);

  auto masters_again = *MasterKeys::open(folder.path() / "keys");
  DataKeys again(table, *masters_again);
  CHECK((*again.for_opening(key->id))->secret.view() == key->secret.view());
  CHECK(again.for_opening(KeyId{key->id.value ^ 1}).error().kind == ErrorKind::Damaged);
}

TEST_CASE("engines that make the same day's key at once end with one key") {
  TemporaryFolder folder;
  MemoryKeyTable table;
  std::vector<KeyId> ids(8);
  std::vector<std::thread> threads;
  for (auto& id : ids)
    threads.emplace_back([&] {
      auto masters = *MasterKeys::open(folder.path() / "keys");
      DataKeys keys(table, *masters);
      id = (*keys.for_sealing(normal, day))->id;
    });
  for (auto& thread : threads) thread.join();
  for (const auto id : ids) CHECK(id == ids[0]);
  CHECK(table.all()->size() == 1);
}

TEST_CASE("every altered byte of a wrapped key, and another row's, is noticed") {
  TemporaryFolder folder;
  auto masters = *MasterKeys::open(folder.path() / "keys");
  const auto master = *masters->current();
  KeyRow row{KeyId{7}, normal, day, {}};
  row.wrapped = wrap_key(row, master, Secret::random());
  REQUIRE(unwrap_key(row, master).ok());
  CHECK(row.wrapped.size() == 65);
  for (std::size_t i = 0; i < row.wrapped.size(); ++i) {
    KeyRow altered = row;
    altered.wrapped[i] ^= 1;
    auto by = wrapped_by(altered);
    // The fingerprint only chooses the master key; another than this one is not to be found.
    CHECK((!by || *by != master.fingerprint || !unwrap_key(altered, master).ok()));
  }
  for (const KeyRow& moved : {KeyRow{KeyId{8}, normal, day, row.wrapped},
                              KeyRow{KeyId{7}, RetentionClass{1}, day, row.wrapped},
                              KeyRow{KeyId{7}, normal, day + std::chrono::days(1), row.wrapped},
                              KeyRow{KeyId{7}, normal, day, row.wrapped.substr(1)}})
    CHECK(unwrap_key(moved, master).error().kind == ErrorKind::Damaged);
}

TEST_CASE("a database without its master key says which one is missing, and makes no other") {
  TemporaryFolder folder;
  MemoryKeyTable table;
  auto masters = *MasterKeys::open(folder.path() / "keys");
  DataKeys keys(table, *masters);
  REQUIRE(keys.installation_key().ok());
  auto other_masters = *MasterKeys::open(folder.path() / "other");
  DataKeys other(table, *other_masters);
  auto missing = other.installation_key();
  REQUIRE_FALSE(missing.ok());
  CHECK_THAT(missing.error().text, Catch::Contains("fingerprint"));
  CHECK(table.all()->size() == 1);
}

TEST_CASE("a rotation rewraps every key, keeps hashes, and removes the old master key") {
  TemporaryFolder folder;
  MemoryKeyTable table;
  auto masters = *MasterKeys::open(folder.path() / "keys");
  DataKeys keys(table, *masters);
  auto key = *keys.for_sealing(normal, day);
  auto gone = *keys.for_sealing(normal, day + std::chrono::days(1));
  REQUIRE(keys.destroy(normal, day + std::chrono::days(1)).ok());
  auto hash = *InstallationHash::make(keys);
  const auto before = hash->hash("duplicate", "MSG001");
  auto running_masters = *MasterKeys::open(folder.path() / "keys");
  DataKeys running(table, *running_masters);

  CHECK(*keys.rotate_master(DataKeys::Rotation::Start) == 2);
  CHECK_FALSE(fs::exists(folder.path() / "keys/master-1.key"));
  CHECK(fs::exists(folder.path() / "keys/master-2.key"));
  auto masters_again = *MasterKeys::open(folder.path() / "keys");
  DataKeys again(table, *masters_again);
  CHECK((*again.for_opening(key->id))->secret.view() == key->secret.view());
  CHECK((*InstallationHash::make(again))->hash("duplicate", "MSG001") == before);
  CHECK(again.for_opening(gone->id).error().kind == ErrorKind::Damaged);

  // An engine that was running all the time goes on, and wraps with the new one.
  CHECK((*running.for_opening(key->id))->secret.view() == key->secret.view());
  auto fresh = *running.for_sealing(RetentionClass{5}, day);
  CHECK((*again.for_opening(fresh->id))->secret.view() == fresh->secret.view());
}

TEST_CASE("a rotation that was cut short is finished without a further master key") {
  TemporaryFolder folder;
  MemoryKeyTable table;
  auto masters = *MasterKeys::open(folder.path() / "keys");
  DataKeys keys(table, *masters);
  auto key = *keys.for_sealing(normal, day);
  REQUIRE(masters->add().ok());  // and here it was killed

  auto masters_again = *MasterKeys::open(folder.path() / "keys");
  DataKeys again(table, *masters_again);
  REQUIRE(again.for_opening(key->id).ok());
  CHECK(*again.rotate_master(DataKeys::Rotation::Resume) == 1);
  CHECK(*again.rotate_master(DataKeys::Rotation::Resume) == 0);
  CHECK(read_file(folder.path() / "keys/master-2.key").size() == 32);
  CHECK_FALSE(fs::exists(folder.path() / "keys/master-1.key"));
  CHECK_FALSE(fs::exists(folder.path() / "keys/master-3.key"));
}

TEST_CASE("the installation's own keys can't be destroyed") {
  TemporaryFolder folder;
  MemoryKeyTable table;
  auto masters = *MasterKeys::open(folder.path() / "keys");
  DataKeys keys(table, *masters);
  REQUIRE(keys.installation_key().ok());
  CHECK(keys.destroy(RetentionClass{-1}, Day{}).error().kind == ErrorKind::Invalid);
  CHECK(keys.destroy(normal, day).ok());
}

TEST_CASE("installation hashes keep domains and values apart") {
  TemporaryFolder folder;
  MemoryKeyTable table;
  auto masters = *MasterKeys::open(folder.path() / "keys");
  DataKeys keys(table, *masters);
  auto hash = *InstallationHash::make(keys);
  const auto one = hash->hash("order", "4711");
  CHECK(hash->hash("order", "4711") == one);
  CHECK(hash->hash("duplicate", "4711") != one);
  CHECK(hash->hash("order", "4712") != one);
  CHECK(hash->hash("order", std::string(10000, 'x')) != one);
}

}  // namespace
}  // namespace causeway::store
