#include <catch2/catch.hpp>

#include "engine/config/value.h"

using namespace causeway;
using config::parse_json;
using config::Value;

namespace {

Value good(std::string_view text) {
  auto value = parse_json(text, "f.json");
  INFO(text);
  if (!value) FAIL(value.error().str());
  return *value;
}

Error bad(std::string_view text) {
  auto value = parse_json(text, "f.json");
  INFO(text);
  REQUIRE(!value);
  return value.error();
}

void require_place(const Value& value, int line, int column) {
  CHECK(value.place().line == line);
  CHECK(value.place().column == column);
}

}  // namespace

TEST_CASE("JSON: every kind of value", "[config]") {
  const auto root = good(R"({"n": null, "b": true, "i": -7, "r": 1.5, "s": "aé", "l": [1, "x"]})");
  CHECK(root.find("n")->is_null());
  CHECK(*root.find("b")->boolean());
  CHECK(*root.find("i")->integer() == -7);
  CHECK(*root.find("r")->real() == 1.5);
  CHECK(*root.find("s")->string() == "a\xC3\xA9");
  CHECK(root.find("l")->list()->size() == 2);
  CHECK(root.find("missing") == nullptr);
  CHECK(root.find("l")->find("x") == nullptr);
  CHECK(*good("9223372036854775807").integer() == INT64_MAX);
  CHECK(good("9223372036854775808").real());
}

TEST_CASE("JSON: members keep the file's order", "[config]") {
  const auto root = good(R"({"z": 1, "a": 2})");
  CHECK(root.object()->at(0).first == "z");
  CHECK(root.object()->at(1).first == "a");
}

TEST_CASE("JSON: a value knows its line and column", "[config]") {
  const auto root = good(
      "// a comment\n"
      "{ /* one\n"
      "     two */ \"port\" : 12,\n"
      "  \"list\": [true, // , : \n"
      "           {\"a\": \"x\\ny\"}, [ ] ]\n"
      "}\n");
  require_place(root, 2, 1);
  require_place(*root.find("port"), 3, 22);
  const auto& list = *root.find("list");
  require_place(list, 4, 11);
  require_place(list.list()->at(0), 4, 12);
  require_place(list.list()->at(1), 5, 12);
  require_place(*list.list()->at(1).find("a"), 5, 18);
  require_place(list.list()->at(2), 5, 27);
}

TEST_CASE("JSON: errors name line and column", "[config]") {
  CHECK(bad("{\n  \"a\": 1,\n  \"a\": 2}").str() == "f.json:3:3: the key \"a\" is there twice");
  CHECK(bad("{\n  \"a\" 1}").place == "f.json:2:7");
  CHECK(bad("[1, 2").place == "f.json:1:6");
  CHECK(bad("").place == "f.json:1:1");
  CHECK(bad("{} x").place == "f.json:1:4");
  CHECK(bad("/* open").kind == ErrorKind::Invalid);
  CHECK(bad("[1,]").kind == ErrorKind::Invalid);
  CHECK(bad("\"\xFF\"").kind == ErrorKind::Invalid);
  CHECK(bad(R"([ "\udc00"])").str() == "f.json:1:3: half a surrogate pair");
  CHECK(bad(R"({"\udc00": 1})").kind == ErrorKind::Invalid);
  CHECK(bad("1e999").kind == ErrorKind::Invalid);
}

TEST_CASE("JSON: a zero byte does not end the text", "[config]") {
  CHECK(bad(std::string_view("{}\0]", 4)).place == "f.json:1:3");
}

TEST_CASE("JSON: depth and size are limited", "[config]") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  good(nested(config::json_depth_max));
  CHECK(bad(nested(config::json_depth_max + 1)).text == "nested deeper than 64 levels");
  bad(std::string(1'000'000, '['));
  CHECK(bad(std::string(config::json_bytes_max + 1, ' ')).kind == ErrorKind::Limit);
}
