#include "engine/store/sealing/sealed_file.h"

#include <catch2/catch.hpp>

namespace causeway::store {
namespace {

constexpr const char* passphrase = "horses eat no batteries";

std::string sealed(std::string_view plain) {
  std::string file;
  auto sealer = FileSealer::begin(passphrase, [&](std::string_view bytes) {
    file += bytes;
    return true;
  });
  REQUIRE(sealer);
  for (std::size_t at = 0; at < plain.size(); at += 70'000)
    REQUIRE(sealer->add(plain.substr(at, 70'000)));
  REQUIRE(sealer->finish());
  return file;
}

struct Opened {
  std::string plain;
  Status status = Done{};
};

Opened opened(std::string_view file, const char* by = passphrase, std::size_t slice = 333'333) {
  Opened result;
  FileOpener opener(by, [&](std::string_view bytes) -> Status {
    result.plain += bytes;
    return Done{};
  });
  for (std::size_t at = 0; at < file.size() && result.status; at += slice)
    result.status = opener.add(file.substr(at, slice));
  if (result.status) result.status = opener.finish();
  return result;
}

std::string numbers(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i) + " ";
  text.resize(bytes);
  return text;
}

}  // namespace

TEST_CASE("Sealed file: what went in comes out, whatever its size") {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, sealed_piece_bytes - 1,
                                  sealed_piece_bytes, sealed_piece_bytes + 1}) {
    const auto plain = numbers(bytes);
    const auto result = opened(sealed(plain));
    CHECK(result.status);
    CHECK((result.plain == plain));
  }
  CHECK(opened(sealed("slowly"), passphrase, 1).plain == "slowly");
}

TEST_CASE("Sealed file: another passphrase, and one that is too short") {
  const auto result = opened(sealed("secret"), "horses eat batteries");
  CHECK(result.status.error().kind == ErrorKind::Damaged);
  CHECK(result.status.error().str().find("another passphrase") != std::string::npos);
  CHECK(result.plain.empty());
  CHECK(FileSealer::begin("short", [](std::string_view) { return true; }).error().kind ==
        ErrorKind::Invalid);
}

TEST_CASE("Sealed file: a changed byte is named by its piece") {
  const auto plain = numbers(2 * sealed_piece_bytes + 10);
  auto file = sealed(plain);
  file[file.size() - 30] = static_cast<char>(file[file.size() - 30] ^ 1);
  const auto result = opened(file);
  CHECK(result.status.error().kind == ErrorKind::Damaged);
  CHECK(result.status.error().place == "piece 3");
  CHECK((result.plain == plain.substr(0, 2 * sealed_piece_bytes)));
}

TEST_CASE("Sealed file: pieces can't be cut off, left out, exchanged or added") {
  const auto whole = sealed(numbers(2 * sealed_piece_bytes + 10));
  const std::size_t head = sealed_file_mark.size() + 16, piece = 4 + sealed_piece_bytes + 16;
  const auto without_last = whole.substr(0, head + 2 * piece);
  CHECK(opened(without_last).status.error().str().find("cut off") != std::string::npos);
  CHECK(opened(whole.substr(0, head + 5)).status.error().kind == ErrorKind::Damaged);
  CHECK_FALSE(opened(whole.substr(0, head) + whole.substr(head + piece)).status);
  CHECK_FALSE(opened(whole.substr(0, head) + whole.substr(head + piece, piece) +
                     whole.substr(head, piece) + whole.substr(head + 2 * piece))
                  .status);
  CHECK_FALSE(opened(whole + whole.substr(head + 2 * piece)).status);
  CHECK(opened("{\"id\": 1}").status.error().kind == ErrorKind::Invalid);
  CHECK(opened("").status.error().kind == ErrorKind::Invalid);
}

}  // namespace causeway::store
