// JSON as plain objects, without loss.
#include <catch2/catch.hpp>

#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

namespace {

std::string after(std::string_view script, std::string_view json) {
  return Runner(body(script)).text(json, ContentType::Json);
}

}  // namespace

TEST_CASE("JSON comes as plain objects and leaves as JSON") {
  CHECK(after("return String(msg.a[1].b)", R"({"a": [0, {"b": "x"}]})") == "x");
  CHECK(after("msg.a.push(3)", R"({"a": [1, 2]})") == R"({"a":[1,2,3]})");
  CHECK(after("return {n: msg.length}", "[1,2]") == R"({"n":2})");
  CHECK(after("return msg", "\"text\"") == "text");
  CHECK(after("return {}", "\xEF\xBB\xBF{\"a\":1}") == "{}");
  CHECK(after("msg.e = '\\u20ac\\ud83d\\ude00\\ud800'", "{}") ==
        "{\"e\":\"\u20ac\U0001F600\\ud800\"}");
  auto run = Runner(body("msg.b = 1")).run("{}", ContentType::Json);
  CHECK(run.output->contents.at(0).type == ContentType::Json);
  CHECK(after("return [msg.a, msg.b]", R"({"a": {"n": 1}, "b": {"n": 2}})") ==
        R"({"n":1} / {"n":2})");
}

TEST_CASE("JSON that is not touched is the very same bytes") {
  for (const std::string json :
       {R"({ "a" : 1.10, "b":[ 1E2, -0, 12345678901234567890 ] })", "[]", " {}\r\n", "5",
        "\"\\u0041\"", R"({"10": 1, "9": 1.0, "a\"b": 1.50, "__proto__": {"x": 2.0}})",
        R"({"a":1.0,"a":"x"})", "\xEF\xBB\xBF[1]"}) {
    INFO(json);
    auto bytes = make_bytes(json);
    Runner script("export default () => {}");
    auto result = script.instance->run({.content = {ContentType::Json, bytes},
                                        .received_at = {},
                                        .message = {1},
                                        .revision = "r",
                                        .destinations = script.destinations});
    REQUIRE(result.output);
    CHECK(result.output->contents.at(0).bytes == bytes);
  }
}

TEST_CASE("numbers are written as they came, unless they are changed") {
  const std::string_view json =
      R"({"id":12345678901234567890,"price":1.10,"list":[1.0,2.50],"e":1E3,"far":1e400,"plain":1.5})";
  CHECK(after("msg.x = 1", json) ==
        R"({"id":12345678901234567890,"price":1.10,"list":[1.0,2.50],"e":1E3,"far":1e400,)"
        R"("plain":1.5,"x":1})");
  CHECK(
      after("msg.price += 1; msg.list[0] = 2", json) ==
      R"({"id":12345678901234567890,"price":2.1,"list":[2,2.50],"e":1E3,"far":1e400,"plain":1.5})");
  CHECK(after("return {...msg, list: 0}", json) ==
        R"({"id":12345678901234567890,"price":1.10,"list":0,"e":1E3,"far":1e400,"plain":1.5})");
  CHECK(after("return ctx.json({copy: msg.id, all: [msg.id]})", json) ==
        R"({"copy":12345678901234567890,"all":[12345678901234567890]})");
  CHECK(after("return `${msg.id} ${msg.id + 0} ${typeof msg.price} ${msg.far > 1}`", json) ==
        "12345678901234567890 12345678901234567000 number true");
  CHECK(after("return Object.keys(msg).join()", json) == "id,price,list,e,far,plain");
  CHECK(after("return {s: '\\ue0005', n: msg.n, '\\ue000k': 1}", R"({"n":1.0})") ==
        "{\"s\":\"\uE0005\",\"n\":1,\"\uE000k\":1}");
  CHECK(after("return {a: [msg], s: '\\ue000S'}", R"({"n":1.0})") ==
        "{\"a\":[{\"n\":1.0}],\"s\":\"\uE000S\"}");
}

TEST_CASE("what is no JSON is said") {
  auto error = [](std::string_view json) {
    auto run = Runner(body("return msg")).run(json, ContentType::Json);
    return run.output ? std::string("none") : std::string(to_string(run.output.error().kind));
  };
  CHECK(error("{") == "invalid");
  CHECK(error("") == "invalid");
  CHECK(error("{\"a\": \xFF}") == "invalid");
  CHECK(error("[01]") == "invalid");
  CHECK(contains(after("return msg", std::string(100000, '[')), "nested deeper than 1000"));
  CHECK(contains(after("msg.self = msg", "{}"), "cyclic object value"));
  CHECK(contains(after("msg.n = 5n", "{}"), "BigInt"));
  CHECK(contains(Runner(body("return ctx.json()")).text(), "undefined has no place in JSON"));
  CHECK(contains(Runner(body("return ctx.json(() => 1)")).text(), "a function has no place"));
}

TEST_CASE("an exact number can be written to a message") {
  Runner script(body("const m = JSON.parse('{}'); msg.set('PID-3.1', 5); return msg"));
  CHECK(contains(script.text(), "|5^^^MRN"));
}
