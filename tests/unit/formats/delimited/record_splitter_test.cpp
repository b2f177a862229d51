#include "engine/formats/delimited/record_splitter.h"

#include <catch2/catch.hpp>

namespace causeway::delimited {
namespace {

using Records = std::vector<std::string>;

/// Cut after each `piece` bytes.
Result<Records> split(std::string_view text, RecordSplitter::Rules rules, std::size_t piece) {
  RecordSplitter splitter(rules);
  Records found;
  const auto keep = [&](std::string_view record) -> Status {
    found.emplace_back(record);
    return Done{};
  };
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    if (auto pushed = splitter.push(text.substr(0, piece), keep); !pushed) return pushed.error();
  if (auto finished = splitter.finish(keep); !finished) return finished.error();
  return found;
}

Records csv(std::string_view text) {
  const auto whole = split(text, {',', '"', 1000}, 10'000);
  REQUIRE(whole.ok());
  for (std::size_t piece : {1u, 2u, 3u, 7u}) {
    const auto pieces = split(text, {',', '"', 1000}, piece);
    REQUIRE(pieces.ok());
    CHECK(*pieces == *whole);
  }
  return *whole;
}

TEST_CASE("Record splitter: lines end with CRLF, LF or CR, or with the text") {
  CHECK(csv("a,b\r\nc\nd\re") == Records{"a,b", "c", "d", "e"});
  CHECK(csv("").empty());
  CHECK(csv("\n\r\n \n").empty());
}

TEST_CASE("Record splitter: a line end within quotes belongs to the record") {
  CHECK(csv("1,\"two\r\nlines\",3\n4,\"\"\"quoted\"\"\n\",5\n") ==
        Records{"1,\"two\r\nlines\",3", "4,\"\"\"quoted\"\"\n\",5"});
  CHECK(csv("\"a\rb\"\r\n\"c\"\r\nd\r\n") == Records{"\"a\rb\"", "\"c\"", "d"});
}

TEST_CASE("Record splitter: a quote within a field that isn't quoted is no quote") {
  CHECK(csv("5\" disk,1\nnext\n") == Records{"5\" disk,1", "next"});
}

TEST_CASE("Record splitter: a byte-order mark is passed over, also before quotes") {
  CHECK(csv("\xef\xbb\xbf\"a\nb\",1\nc\n") == Records{"\"a\nb\",1", "c"});
  CHECK(csv("\xef\xbb") == Records{"\xef\xbb"});
}

TEST_CASE("Record splitter: without separator and quote it cuts lines") {
  const auto lines = split("\"a\nb\n", {0, 0, 100}, 3);
  REQUIRE(lines.ok());
  CHECK(*lines == Records{"\"a", "b"});
}

TEST_CASE("Record splitter: what can't be read names its line") {
  const auto open = split("a\nb\n\"c\nd", {',', '"', 100}, 100);
  REQUIRE_FALSE(open.ok());
  CHECK(open.error().kind == ErrorKind::Invalid);
  CHECK(open.error().place == "line 3");
  for (std::size_t piece : {4u, 1000u}) {
    const auto large = split("a\n" + std::string(200, 'x') + "\n", {',', '"', 100}, piece);
    REQUIRE_FALSE(large.ok());
    CHECK(large.error().kind == ErrorKind::Limit);
    CHECK(large.error().place == "line 2");
  }
}

TEST_CASE("Record splitter: an error of whom the records are given to ends it") {
  RecordSplitter splitter({',', '"', 100});
  const auto refuse = [](std::string_view) -> Status {
    return Error{ErrorKind::Stopped, "", "no"};
  };
  CHECK(splitter.push("a\nb\n", refuse).error().kind == ErrorKind::Stopped);
}

}  // namespace
}  // namespace causeway::delimited
