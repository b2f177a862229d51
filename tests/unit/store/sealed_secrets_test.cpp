#include "engine/store/sealing/sealed_secrets.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include "tests/support/temporary_folder.h"

using namespace causeway;
using namespace causeway::store;

namespace {

constexpr const char* canary = "canary-5f0c2a";

struct Bench {
  testing::TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "secrets.sealed";
  std::unique_ptr<MasterKeys> masters = std::move(*MasterKeys::open(folder.path() / "keys"));
  SealedSecrets secrets{file, *masters};

  std::string bytes() const {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
};

}  // namespace

TEST_CASE("Secrets: set, changed, listed and removed; nothing of them is readable in the file") {
  Bench bench;
  CHECK(bench.secrets.names()->empty());
  REQUIRE(bench.secrets.set("lab", canary, 5));
  REQUIRE(bench.secrets.set("ftp", "first", 6));
  REQUIRE(bench.secrets.set("ftp", std::string("a\0b\n", 4), 7));
  CHECK(*bench.secrets.value("lab") == canary);
  CHECK(*bench.secrets.value("ftp") == std::string("a\0b\n", 4));
  CHECK(*bench.secrets.names() == std::map<std::string, std::int64_t>{{"ftp", 7}, {"lab", 5}});
  CHECK(bench.bytes().find(canary) == std::string::npos);
  CHECK(bench.bytes().find("lab") == std::string::npos);
  REQUIRE(bench.secrets.remove("ftp"));
  CHECK(bench.secrets.value("ftp").error().kind == ErrorKind::NotFound);
  CHECK(bench.secrets.remove("ftp").error().kind == ErrorKind::NotFound);
  CHECK_THAT(bench.secrets.value("ftp").error().str(), Catch::Contains("causeway secret set ftp"));
}

TEST_CASE("Secrets: the file is its owner's alone, and opens with its master key alone") {
  Bench bench, other;
  REQUIRE(bench.secrets.set("lab", canary, 5));
  CHECK((std::filesystem::status(bench.file).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  std::filesystem::copy_file(bench.file, other.file);
  CHECK_FALSE(other.secrets.value("lab"));
  auto bytes = bench.bytes();
  for (const std::size_t at : {std::size_t{0}, std::size_t{3}, std::size_t{9}, bytes.size() - 1}) {
    auto altered = bytes;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    std::ofstream(bench.file, std::ios::binary | std::ios::trunc) << altered;
    const auto value = bench.secrets.value("lab");
    REQUIRE_FALSE(value);
    CHECK(value.error().str().find(canary) == std::string::npos);
    CHECK_FALSE(bench.secrets.set("ftp", "x", 6));  // what can't be read is not written over
  }
}

TEST_CASE("Secrets: after reseal the master keys before are not needed") {
  Bench bench;
  REQUIRE(bench.secrets.set("lab", canary, 5));
  {
    auto lock = bench.masters->lock(MasterKeys::Use::Rotate);
    REQUIRE(lock);
    REQUIRE(bench.masters->add());
  }
  REQUIRE(bench.secrets.reseal());
  REQUIRE(bench.masters->remove_old());
  CHECK(*bench.secrets.value("lab") == canary);
}

TEST_CASE("Secrets: the master key that seals them outlives a rotation") {
  Bench bench;
  REQUIRE(bench.secrets.set("lab", canary, 5));
  {
    auto lock = bench.masters->lock(MasterKeys::Use::Rotate);
    REQUIRE(lock);
    REQUIRE(bench.masters->add());
    REQUIRE(bench.masters->remove_old());
  }
  CHECK(*bench.secrets.value("lab") == canary);
  const auto before = secrets_sealed_by(bench.file);
  REQUIRE(bench.secrets.reseal());
  CHECK(secrets_sealed_by(bench.file) != before);
  REQUIRE(bench.masters->remove_old());
  CHECK_FALSE(bench.masters->find(*before));
  CHECK(*bench.secrets.value("lab") == canary);
}

TEST_CASE("Secrets: a value past the limit is refused") {
  Bench bench;
  CHECK(bench.secrets.set("lab", std::string(secret_bytes_max + 1, 'x'), 5).error().kind ==
        ErrorKind::Limit);
}
