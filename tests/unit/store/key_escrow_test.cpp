#include "engine/store/sealing/key_escrow.h"

#include <catch2/catch.hpp>

#include "tests/support/temporary_folder.h"

namespace causeway::store {
namespace {

constexpr std::string_view passphrase = "correct horse battery staple";

TEST_CASE("master keys come back from escrow under their passphrase alone") {
  testing::TemporaryFolder folder;
  auto masters = MasterKeys::open(folder.path() / "keys");
  REQUIRE(masters.ok());
  REQUIRE((*masters)->add().ok());
  const auto keys = (*masters)->all();
  REQUIRE(keys.ok());
  REQUIRE(keys->size() == 2);
  const auto text = seal_escrow(*keys, passphrase);
  REQUIRE(text.ok());
  CHECK(text->find(std::string(keys->front().secret.view())) == std::string::npos);

  const auto opened = open_escrow(*text, passphrase);
  REQUIRE(opened.ok());
  REQUIRE(opened->size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK((*opened)[i].number == (*keys)[i].number);
    CHECK((*opened)[i].fingerprint == (*keys)[i].fingerprint);
    CHECK((*opened)[i].secret.view() == (*keys)[i].secret.view());
  }
  CHECK(open_escrow(*text, "another passphrase").error().kind == ErrorKind::Damaged);
  auto altered = *text;
  auto& digit = altered[altered.size() - 3];
  digit = digit == '0' ? '1' : '0';
  CHECK(open_escrow(altered, passphrase).error().kind == ErrorKind::Damaged);
  CHECK(seal_escrow(*keys, "short").error().kind == ErrorKind::Invalid);
}

TEST_CASE("what is no escrow is refused before anything is computed") {
  for (const auto* text : {"", "causeway master keys 1\n", "causeway master keys 2\nsalt 00\n",
                           "causeway master keys 1\nsalt 0123\n"})
    CHECK(parse_escrow(text).error().kind == ErrorKind::Invalid);
  const std::string start = "causeway master keys 1\nsalt " + std::string(32, 'a') + "\n";
  const std::string key = " " + std::string(24, 'b') + " " + std::string(96, 'c') + "\n";
  CHECK(parse_escrow(start + "key 1" + key).ok());
  CHECK_FALSE(parse_escrow(start).ok());
  CHECK_FALSE(parse_escrow(start + "key 1" + key + "key 1" + key).ok());
  CHECK_FALSE(parse_escrow(start + "key 0" + key).ok());
  CHECK_FALSE(parse_escrow(start + "key 1x" + key).ok());
  CHECK_FALSE(parse_escrow(start + "key 1 " + std::string(24, 'g') + key).ok());
}

TEST_CASE("a master key that is brought back wraps from then on") {
  testing::TemporaryFolder folder;
  auto masters = MasterKeys::open(folder.path() / "keys");
  REQUIRE(masters.ok());
  const auto first = (*masters)->current();
  const auto secret = Secret::random();
  CHECK(*(*masters)->import(secret));
  CHECK((*masters)->current()->fingerprint == fingerprint_of(secret));
  CHECK_FALSE(*(*masters)->import(secret));
  CHECK_FALSE(*(*masters)->import(first->secret));
  CHECK((*masters)->current()->fingerprint == fingerprint_of(secret));
}

}  // namespace
}  // namespace causeway::store
