// Hostile scripts fail their own run, and nothing else.
#include <catch2/catch.hpp>

#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

namespace {

ScriptLimits tight() {
  ScriptLimits limits;
  limits.run_time = Milliseconds(150);
  limits.heap_bytes = 16 * 1024 * 1024;
  limits.native_bytes = 32 * 1024 * 1024;
  limits.output_bytes = 1024 * 1024;
  return limits;
}

/// Runs what a hostile script does if the message is a woman's; a man's must pass before and after.
void check_stopped(const std::string& hostile, ErrorKind kind = ErrorKind::ScriptLimit) {
  INFO(hostile);
  Runner script(
      "export default function (msg, ctx) {\n if (msg.get('PID-8') === 'M') return msg;\n" +
          hostile + "\n return msg; }",
      tight());
  Runner neighbour(body("return msg.get('PID-3.1')"));
  REQUIRE(script.text() == adt);
  std::string other = adt;
  other.replace(other.find("|M\r"), 3, "|F\r");
  auto result = script.run(other);
  REQUIRE(!result.output);
  INFO(result.output.error().str());
  CHECK(result.output.error().kind == kind);
  CHECK(result.output.error().place.starts_with("t.js"));
  CHECK(script.text() == adt);
  CHECK(neighbour.text() == "123");
}

}  // namespace

TEST_CASE("endless loops are stopped") {
  check_stopped("for (;;);");
  check_stopped("while (true) { try { for (;;); } catch (e) {} finally { continue; } }");
  check_stopped("const o = {get x() { for (;;); }}; o.x;");
  check_stopped("[3, 1, 2].sort(() => { for (;;); });");
  check_stopped("ctx.log({toJSON() { for (;;); }});");
  check_stopped("return {toString() { for (;;); }} + '';");
  check_stopped("[].indexOf.call({length: 2 ** 53 - 1}, 1);");
  check_stopped("for (;;) { try { new Date(); } catch (e) { msg.set('PID-5', 'x'); } }");
}

TEST_CASE("promises that never come to an end are stopped") {
  check_stopped("const again = () => Promise.resolve().then(again); again();");
  check_stopped("for (;;) Promise.resolve().then(() => {});");
  Runner never("export default async () => { await new Promise(() => {}); }", tight());
  CHECK(contains(never.text(), "promise that nothing will settle"));
  Runner loop("export default async (msg) => { for (;;) await 1; }", tight());
  CHECK(loop.run().output.error().kind == ErrorKind::ScriptLimit);
}

TEST_CASE("deep recursion is stopped") {
  check_stopped("function f() { return f() + 1; } f();");
  check_stopped("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a);");
  check_stopped("const p = new Proxy({}, {get(t, k, r) { return r[k]; }}); p.x;");
}

TEST_CASE("memory is bounded: objects") {
  check_stopped("const a = []; for (;;) a.push({a: 1, b: [2]});");
  check_stopped("const a = []; for (;;) { try { for (;;) a.push({}); } catch (e) {} }");
  check_stopped("const m = new Map(); for (let i = 0; ; i++) m.set(i, {i});");
}

TEST_CASE("memory is bounded: strings") {
  check_stopped("let s = 'x'; for (;;) s += s;");
  check_stopped(
      "const a = []; let i = 0; for (;;) a.push('x'.repeat(1e6) + i++, a[a.length - 1]?.at(7));");
  check_stopped(
      "const a = []; for (;;) { const s = 'ab'.repeat(5e5); s.charCodeAt(5); a.push(s); }");
}

TEST_CASE("memory is bounded: buffers and arrays") {
  check_stopped("const a = []; for (;;) a.push(new ArrayBuffer(1e6));");
  check_stopped("const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));");
  check_stopped("const a = []; for (;;) a.push(0);");
  check_stopped("const a = []; for (;;) a.push(new Array(1e5).fill(0));");
}

TEST_CASE("garbage does not count as memory in use") {
  ScriptLimits limits = tight();
  limits.run_time = Milliseconds(20000);
  Runner script(body("let n = 0; for (let i = 0; i < 500; i++) n += new Uint8Array(1e6).fill(1)[5];"
                     "for (let i = 0; i < 1e6; i++) n += [{i}].length; return String(n)"),
                limits);
  CHECK(script.text() == "1000500");
}

TEST_CASE("regular expressions that backtrack without end are stopped") {
  check_stopped("/^(a+)+$/.test('a'.repeat(40) + 'b');");
  check_stopped("/(x+x+)+y/.exec('x'.repeat(50));");
}

TEST_CASE("results are bounded") {
  check_stopped("return 'x'.repeat(5e6);");
  check_stopped("for (;;) msg.append('ZZZ|' + 'x'.repeat(1000));");
  check_stopped("msg.set('PID-5', 'x'.repeat(2e6));");
  check_stopped("ctx.reply('x'.repeat(2e6));");
  check_stopped("ctx.send('lab', 'x'.repeat(2e6));");
}

TEST_CASE("loading is bounded too") {
  auto error_of = [](const std::string& text) {
    auto module = ScriptModule::compile(sources_of(text), tight());
    return module ? ErrorKind::None : module.error().kind;
  };
  CHECK(error_of("for (;;);") == ErrorKind::ScriptLimit);
  CHECK(error_of("const a = []; for (;;) a.push({});") == ErrorKind::ScriptLimit);
  CHECK(error_of("export default " + std::string(200000, '(') + "1" + std::string(200000, ')')) ==
        ErrorKind::ScriptLimit);
  CHECK(Runner(body("return msg")).text() == adt);
}
