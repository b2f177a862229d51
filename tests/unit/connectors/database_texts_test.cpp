// Statements with named parameters, values for them, rows as JSON, and what a SQLSTATE means.
#include <catch2/catch.hpp>
#include <thread>

#include "connectors/database/call_thread.h"
#include "connectors/database/parameters.h"
#include "connectors/database/row_text.h"
#include "connectors/database/sqlstate.h"
#include "connectors/database/utf16.h"

namespace causeway::connectors::database {
namespace {

using Names = std::vector<std::string>;

SqlText parsed(std::string_view text, Marks marks) {
  auto sql = SqlText::parse(text, marks);
  INFO((sql ? "" : sql.error().str()));
  REQUIRE(sql.ok());
  return *sql;
}

std::string refused(std::string_view text, Marks marks = Marks::Numbered) {
  auto sql = SqlText::parse(text, marks);
  REQUIRE_FALSE(sql.ok());
  return sql.error().str();
}

TEST_CASE("database: named parameters become a driver's marks") {
  const auto numbered = parsed("UPDATE t SET a = :a, b = :b.c WHERE a < :a", Marks::Numbered);
  CHECK(numbered.sql() == "UPDATE t SET a = $1, b = $2 WHERE a < $1");
  CHECK(numbered.names() == Names{"a", "b.c"});
  const auto marked = parsed("UPDATE t SET a = :a, b = :b.c WHERE a < :a", Marks::Questions);
  CHECK(marked.sql() == "UPDATE t SET a = ?, b = ? WHERE a < ?");
  CHECK(marked.names() == Names{"a", "b.c", "a"});
  CHECK(parsed("SELECT :a.", Marks::Numbered).sql() == "SELECT $1.");
}

TEST_CASE("database: what only looks like a parameter is left alone") {
  for (const std::string_view text :
       {"SELECT ':a', \"x:b\", `c:d`, 'it''s :e'", "SELECT 1::int -- :a\n, 2 /* :b */",
        "SELECT $$ :a $$, $tag$ :b $$ $tag$", "SELECT a$b$c, x[1:2]", "SELECT '2026'::date, ': a'"})
    for (const auto marks : {Marks::Numbered, Marks::Questions}) {
      const auto sql = parsed(text, marks);
      CHECK(sql.sql() == text);
      CHECK(sql.names().empty());
    }
  CHECK(parsed("SELECT a ? 'b'", Marks::Numbered).sql() == "SELECT a ? 'b'");
}

TEST_CASE("database: statements that can't be read are refused, with the line") {
  CHECK_THAT(refused("SELECT\n 'open"), Catch::Contains("line 2"));
  CHECK_THAT(refused("SELECT /* open"), Catch::Contains("comment"));
  CHECK_THAT(refused("SELECT $a$ open"), Catch::Contains("$a$"));
  CHECK_THAT(refused("SELECT 'a\\' :b'"), Catch::Contains("backslash"));
  CHECK_THAT(refused("SELECT $1"), Catch::Contains(":name"));
  CHECK_THAT(refused("SELECT ?", Marks::Questions), Catch::Contains(":name"));
  CHECK_THAT(refused(" \n"), Catch::Contains("empty"));
  CHECK_THAT(refused(std::string_view("a\0b", 3)), Catch::Contains("zero"));
  CHECK_THAT(refused(std::string(sql_bytes_max + 1, ' ')), Catch::Contains("64 KiB"));
}

TEST_CASE("database: values come from the content by name, numbers as they are written") {
  const StatementSettings statement{parsed("x :n :t :b :z :o :a.b", Marks::Numbered), {}, 0};
  const auto content = parse_json(
      R"({"n": 12345678901234567890.10, "t": "ü", "b": true, "z": null, "o": [1, {"x": 1e9}], "a": {"b": 2}})");
  REQUIRE(content.ok());
  const auto calls = calls_for(statement, *content);
  REQUIRE(calls.ok());
  REQUIRE(calls->size() == 1);
  CHECK((*calls)[0].parameters == Cells{{Cell::Kind::Number, "12345678901234567890.10"},
                                        {Cell::Kind::Text, "ü"},
                                        {Cell::Kind::Boolean, "true"},
                                        {},
                                        {Cell::Kind::Text, R"([1,{"x":1e9}])"},
                                        {Cell::Kind::Number, "2"}});
  CHECK(calls_for({parsed(":none", Marks::Numbered), {}, 0}, *content).error().place == ":none");
  CHECK(calls_for({parsed(":n", Marks::Numbered), {"a"}, 0}, *content).error().place == "for_each");
}

TEST_CASE("database: JSON that is broken, too deep or ambiguous is refused") {
  const auto kind = [](const std::string& text) {
    const auto json = parse_json(text);
    return json ? ErrorKind::None : json.error().kind;
  };
  CHECK(kind("{\"a\": 1, \"a\": 2}") == ErrorKind::Invalid);
  CHECK(kind("{\"a\": \"\\udc00\"}") == ErrorKind::Invalid);
  CHECK(kind("\"\xff\"") == ErrorKind::Invalid);
  CHECK(kind("{} x") == ErrorKind::Invalid);
  CHECK(kind("") == ErrorKind::Invalid);
  CHECK(kind("01") == ErrorKind::Invalid);
  CHECK(kind(std::string(100, '[') + std::string(100, ']')) == ErrorKind::Limit);
  std::string many = "[0";
  for (std::size_t i = 0; i < json_values_max; ++i) many += ",0";
  CHECK(kind(many + "]") == ErrorKind::Limit);
}

TEST_CASE("database: a row as JSON loses nothing") {
  const std::vector<std::string> columns{"a", "b", "c\"d", "e"};
  const auto text = row_text(columns, {whole_number("9007199254740993"),
                                       {Cell::Kind::Bytes, std::string("\0\xff", 2)},
                                       {Cell::Kind::Text, "x\ty"},
                                       {}});
  REQUIRE(text.ok());
  CHECK(*text == R"({"a":"9007199254740993","b":"AP8=","c\"d":"x\u0009y","e":null})");
  CHECK(whole_number("-9007199254740992").kind == Cell::Kind::Number);
  CHECK(real_number("Infinity").kind == Cell::Kind::Text);
  CHECK(row_text({"a"}, {{Cell::Kind::Text, "\xff"}}).error().place == "column a");
  CHECK(check_columns({"a", "b", "a"}).error().place == "column a");
  CHECK(iso_time("2026-03-01 12:00:00.5+00") == "2026-03-01T12:00:00.5Z");
  CHECK(iso_time("infinity") == "infinity");
}

TEST_CASE("database: what a SQLSTATE means") {
  const std::vector<std::pair<const char*, ErrorKind>> meanings{
      {"", ErrorKind::Unavailable},      {"08006", ErrorKind::Unavailable},
      {"57P01", ErrorKind::Unavailable}, {"53300", ErrorKind::Unavailable},
      {"25006", ErrorKind::Unavailable}, {"57014", ErrorKind::TimedOut},
      {"40001", ErrorKind::Conflict},    {"40P01", ErrorKind::Conflict},
      {"55P03", ErrorKind::Conflict},    {"23505", ErrorKind::Refused},
      {"22003", ErrorKind::Refused},     {"P0001", ErrorKind::Refused},
      {"42P01", ErrorKind::Invalid},     {"42501", ErrorKind::NotPermitted},
      {"28P01", ErrorKind::NotPermitted}};
  for (const auto& [state, kind] : meanings) {
    INFO(state);
    CHECK(kind_of_state(state) == kind);
  }
  CHECK(is_unknown_commit("08007"));
  CHECK_FALSE(is_unknown_commit("08006"));
}

TEST_CASE("database: UTF-16 and back") {
  for (const std::string text : {"", "abc", "ü€", "😀x\xf4\x8f\xbf\xbf"})
    CHECK(to_utf8(to_utf16(text)) == text);
  CHECK_FALSE(to_utf8(std::u16string{char16_t(0xD800)}));
  CHECK_FALSE(to_utf8(std::u16string{char16_t(0xDC00), u'a'}));
}

TEST_CASE("database: a call that hangs is given up, and left to its thread") {
  using End = CallThread::End;
  const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::seconds(20); };
  std::atomic<bool> stop{false};
  auto done = std::make_shared<std::atomic<int>>(0);
  auto released = std::make_shared<std::atomic<bool>>(false);
  const auto hang = [done, released] {
    while (!*released) std::this_thread::sleep_for(Milliseconds(5));
    ++*done;
  };
  {
    CallThread thread;
    CHECK(thread.run([done] { ++*done; }, soon(), stop) == End::Done);
    CHECK(thread.run(hang, std::chrono::steady_clock::now(), stop) == End::TimedOut);
    CallThread other;
    stop = true;
    CHECK(other.run(hang, soon(), stop) == End::Stopped);
  }
  CHECK(*done == 1);
  *released = true;
  for (int i = 0; i < 4000 && *done < 3; ++i) std::this_thread::sleep_for(Milliseconds(5));
  CHECK(*done == 3);
  CHECK_FALSE(CallThread::too_many_left_alone());
}

}  // namespace
}  // namespace causeway::connectors::database
