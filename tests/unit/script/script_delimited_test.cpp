// Delimited and fixed-width text in scripts.
#include <catch2/catch.hpp>

#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

namespace {

std::string after(std::string_view script, std::string_view text) {
  return Runner(body(script)).text(text, ContentType::Text);
}
std::string rows(std::string_view options, std::string_view text) {
  return after("return JSON.stringify(ctx.parseCsv(msg" + std::string(options) + "))", text);
}

}  // namespace

TEST_CASE("delimited text is read to rows") {
  CHECK(rows("", "id,name\r\n1,\"D\u00fc, J\"\r\n2,\r\n") ==
        "[{\"id\":\"1\",\"name\":\"D\u00fc, J\"},{\"id\":\"2\",\"name\":\"\"}]");
  CHECK(rows(", {header: false}", "1,2\n3\n") == R"([["1","2"],["3"]])");
  CHECK(rows(", {separator: ';', columns: ['a', 'b']}", "1;2\n") == R"([{"a":"1","b":"2"}])");
  CHECK(rows(", {columns: ['a', 'b'], header: true}", "x,y\n1,2\n") == R"([{"a":"1","b":"2"}])");
  CHECK(rows(", {widths: [3, 4], columns: ['id', 'name']}", "1  DOE\n") ==
        R"([{"id":"1","name":"DOE"}])");
  CHECK(rows("", "") == "[]");
  CHECK(rows("", "a\n") == "[]");
}

TEST_CASE("rows are written to delimited text") {
  CHECK(after("return ctx.csv(ctx.parseCsv(msg).filter(r => r.id > 1))",
              "id,n\n1,a\n2,\"b,c\"\n") == "id,n\r\n2,\"b,c\"\r\n");
  CHECK(after("return ctx.csv([[1, null, true], ['x']], {header: false})", "") ==
        "1,,true\r\nx\r\n");
  CHECK(after("return ctx.csv([{a: 1, b: 2}], {columns: ['b', 'c'], header: true})", "") ==
        "b,c\r\n2,\r\n");
  CHECK(after("return ctx.csv([['1', 'DOE']], {widths: [3, 5]})", "") == "1  DOE  \r\n");
  CHECK(after("return ctx.csv([])", "") == "");
  auto run = Runner(body("return ctx.csv([{a: msg.get('PID-3.1')}])")).run();
  REQUIRE(run.output);
  CHECK(run.output->contents.at(0).type == ContentType::Csv);
  CHECK(*run.output->contents.at(0).bytes == "a\r\n123\r\n");
}

TEST_CASE("malformed text and wrong options are said") {
  CHECK(
      contains(rows("", "a,b\n1\n"), "ctx.parseCsv: line 2: 1 fields, where there are 2 columns"));
  CHECK(contains(rows("", "a\n\"x"), "ctx.parseCsv: line 2: a quoted field that is not closed"));
  CHECK(contains(rows(", {separator: 'ab'}", "a"), "separator is one ASCII character"));
  CHECK(contains(rows(", {separator: '\"'}", "a"), "the same character"));
  CHECK(contains(rows(", {widths: ['x']}", "a"), "a width is a number from 1"));
  CHECK(contains(rows(", {columns: 'a'}", "a"), "columns is a list"));
  CHECK(contains(after("ctx.csv([5])", ""), "ctx.csv: row 1 is no object or list"));
  CHECK(contains(after("ctx.csv([{a: {}}])", ""), "a field is a string, not an object"));
  CHECK(contains(after("ctx.csv([['12345']], {widths: [3]})", ""), "row 1, field 1: longer than"));
  CHECK(contains(after("ctx.csv('x')", ""), "ctx.csv: give a list of rows"));
}
