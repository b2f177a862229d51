// Nothing but the message decides what a script gives.
#include <catch2/catch.hpp>

#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

namespace {

std::string value(const std::string& expression) {
  return Runner(body("return String(" + expression + ")")).text();
}

}  // namespace

TEST_CASE("the clock is refused, and the error says what to use") {
  CHECK(contains(value("Date.now()"), "ctx.now"));
  CHECK(Runner(body("\n  Date.now();")).run().output.error().place == "t.js:2:8");
  CHECK(Runner(body("\n  return [1].map(() =>\n    new Date());")).run().output.error().place ==
        "t.js:3:5");
  CHECK(contains(value("new Date()"), "ctx.now"));
  CHECK(contains(value("Date()"), "ctx.now"));
  CHECK(contains(value("new (new Date(0).constructor)()"), "ctx.now"));
  CHECK(contains(value("new (class extends Date {})()"), "ctx.now"));
}

TEST_CASE("dates are a calendar in UTC") {
  CHECK(value("new Date(2024, 6, 1).toISOString()") == "2024-07-01T00:00:00.000Z");
  CHECK(value("new Date(ctx.now).getTime()") == "1704164645678");
  CHECK(value("new Date('2024-07-01T00:00:00').getTimezoneOffset()") == "0");
  CHECK(value("Date.UTC(2024, 0, 1)") == "1704067200000");
  CHECK(value("new Date(0) instanceof Date") == "true");
}

TEST_CASE("random, locale, timers, shared memory and code from strings are not there") {
  CHECK(contains(value("Math.random()"), "Math.random"));
  for (auto name : {"Intl", "WebAssembly", "SharedArrayBuffer", "Atomics", "WeakRef",
                    "FinalizationRegistry", "performance", "setTimeout", "setInterval", "fetch",
                    "require", "process", "queueMicrotask"})
    CHECK(value(std::string("typeof ") + name) == "undefined");
  CHECK(contains(value("(1234.5).toLocaleString()"), "locale"));
  CHECK(contains(value("new Date(0).toLocaleDateString()"), "locale"));
  CHECK(contains(value("'a'.localeCompare('b')"), "locale"));
  CHECK(contains(value("[1].toLocaleString()"), "locale"));
  CHECK(contains(value("new Uint8Array(1).toLocaleString()"), "locale"));
  CHECK(contains(value("eval('1')"), "error"));
  CHECK(contains(value("new Function('return 1')()"), "error"));
  CHECK(contains(value("(async () => {}).constructor('return 1')()"), "error"));
  CHECK(contains(Runner("export default async () => { await import('./t.js') }").text(), "error"));
}

TEST_CASE("globals and intrinsics are frozen") {
  for (auto attack : {"globalThis.x = 1", "Array.prototype.push = null", "Object.prototype.y = 1",
                      "Map.prototype.get = null", "Math.max = null", "Date.prototype.z = 1",
                      "RegExp.prototype.exec = null", "JSON.parse = null", "msg.get = null",
                      "ctx.memo = 1", "console.memo = 1", "(function*(){}).constructor.z = 1",
                      "Object.getPrototypeOf([][Symbol.iterator]()).next = null"})
    CHECK(contains(Runner(body(std::string(attack) + "; return 'changed'")).text(), "error: t.js"));
  CHECK(value("/b/.exec('abc').index + ` ${RegExp.lastMatch}`") == "1 undefined");
  CHECK(value("'a-b'.split(/-/).join() + 'x1'.replace(/\\d/g, d => d + 1)") == "a,bx11");
  CHECK(value("new RegExp('b').test('abc') && RegExp('b') instanceof RegExp") == "true");
}

TEST_CASE("errors can be subclassed and named, objects can have a toString") {
  CHECK(contains(Runner(body("class MyError extends Error { constructor(m) { super(m); this.name = "
                             "'MyError'; } } throw new MyError('x')"))
                     .text(),
                 "x"));
  CHECK(Runner(body("const o = {}; o.toString = () => 'mine'; return `${o}`")).text() == "mine");
}

TEST_CASE("state kept from run to run is found") {
  ScriptLimits limits;
  limits.verify_one_in = 3;
  Runner counter("let n = 0; export default () => String(n++)", limits);
  CHECK(counter.text() == "0");
  CHECK(contains(counter.text(), "another result in a fresh realm"));
  CHECK(counter.text() == "0");

  Runner regex("const r = /1/g; export default (msg) => String(r.test('123'))", limits);
  CHECK(regex.text() == "true");
  CHECK(contains(regex.text(), "lastIndex"));

  Runner late("let n = 0; export default () => (n++ < 2 ? 'a' : 'b')", limits);
  CHECK(late.text() == "a");
  CHECK(late.text() == "a");
  CHECK(contains(late.text(), "another result"));

  Runner pure("const table = {a: 1}; export default () => String(table.a)", limits);
  for (int i = 0; i < 10; ++i) CHECK(pure.text() == "1");
}

TEST_CASE("a spare realm, made ahead, is as fresh as any, and used once") {
  ScriptLimits limits;
  limits.verify_one_in = 3;
  Runner counter("let n = 0; export default () => String(n++)", limits);
  CHECK(counter.text() == "0");
  for (int round = 0; round < 3; ++round) {
    make_spare_realm();
    CHECK(!needs_spare_realm());
    CHECK(contains(counter.text(), "another result in a fresh realm"));
    CHECK(needs_spare_realm());
    make_spare_realm();
    CHECK(counter.text() == "0");
    CHECK(needs_spare_realm());
  }
  make_spare_realm();
  CHECK(contains(Runner("export default 5").text(), "its default export must be a function"));
  make_spare_realm();
  CHECK(Runner(body("return String(typeof n)")).text() == "undefined");
}
