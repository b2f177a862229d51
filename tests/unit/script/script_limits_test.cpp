// Hostile scripts fail their own run, and nothing else.
#include <catch2/catch.hpp>

#include <fstream>

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

/// A line of this process's status, in bytes: "VmRSS", "VmHWM" (the peak).
std::size_t memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != name + ":") continue;
    std::size_t kib = 0;
    status >> kib;
    return kib * 1024;
  }
  return 0;
}

/// How far the process's memory goes up at most while the script is run and refused.
std::size_t peak_of(const std::string& hostile) {
  Runner script(body(hostile + "; return msg"));
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak counts from now
  const auto before = memory("VmRSS");
  const auto result = script.run();
  CHECK(!result.output);
  return memory("VmHWM") - std::min(before, memory("VmHWM"));
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

TEST_CASE("built-in operations that ask for much are stopped") {
  check_stopped("return 'x'.repeat(2 ** 29).at(7);");
  check_stopped("return 'x'.padStart(2 ** 29).at(7);");
  check_stopped("let s = 'x'; for (let i = 0; i < 29; i++) s = s.concat(s); s.at(7);");
  check_stopped("'x'.repeat(1e6).replace(/x/g, 'y'.repeat(1000)).at(7);");
  check_stopped("'x'.repeat(1e6).replaceAll('x', 'y'.repeat(1000)).at(7);");
  check_stopped("Array(1e6).join('y'.repeat(1000)).at(7);");
  check_stopped("let s = 'x'; for (let i = 0; i < 29; i++) s += s; s.split('');");
  check_stopped("[...'x'.repeat(1e8)];");
  check_stopped("new Uint8Array(2 ** 30).fill(1);");
  check_stopped("new ArrayBuffer(2 ** 31 - 1);");
  check_stopped("new Array(2 ** 27).fill(0);");
  check_stopped("Array(1e9).fill(0);");
  check_stopped("Array.from({length: 1e8}, (_, i) => i);");
  check_stopped("let n = 2n; for (;;) n *= n;", ErrorKind::Script);
  check_stopped("const a = []; for (let i = 0; i < 5e6; i++) a.push(-i); a.sort(); a.sort();");
  check_stopped("function* all() { for (let i = 0; ; i++) yield i; } [...all()];");
  check_stopped("function* both(n) { yield* both(n + 1); yield* both(n + 1); } [...both(0)];");
  check_stopped("let o = {}; for (let i = 0; i < 40; i++) o = {a: o, b: o}; JSON.stringify(o);");
  check_stopped("JSON.parse('['.repeat(1e7) + ']'.repeat(1e7)).flat(Infinity);");
  check_stopped("const o = {}; o.o = o; JSON.stringify(o);", ErrorKind::Script);
  check_stopped("const o = {}; o.o = o; console.log(o);", ErrorKind::Script);
  check_stopped("for (;;) console.log('x'.repeat(1e6));");
  check_stopped("for (const k = []; ; ) k.push(Symbol('x'.repeat(100)));");
  check_stopped("'x'.repeat(1e6).normalize('NFKD').repeat(2 ** 10).at(7);");
}

TEST_CASE("a refused allocation fails the run even if it is caught") {
  check_stopped("try { new ArrayBuffer(2 ** 31 - 1); } catch (e) {} return 'all is well';");
}

TEST_CASE("no single operation takes much more than the limit") {
  // Limits as by default: 64 MiB of objects, three times 64 MiB of large blocks; and what the
  // collector keeps for itself.
  constexpr std::size_t most = 400 * 1024 * 1024;
  for (const std::string hostile :
       {"return 'x'.repeat(2 ** 29).at(5)", "return '\\u20ac'.repeat(2 ** 29).at(5)",
        "return 'x'.repeat(1e6).replace(/x/g, 'y'.repeat(1000)).at(7)",
        "return 'x'.repeat(1e7).split('').join('y'.repeat(100)).at(7)",
        "let s = 'ab'; for (;;) { s += s; s.at(7) }", "new Array(2 ** 27).fill(0)",
        "[...'x'.repeat(1e8)]", "const a = []; for (;;) a.push(new ArrayBuffer(5e5))",
        "const a = []; for (;;) a.push(new ArrayBuffer(5e6))",
        "let o = {}; for (let i = 0; i < 40; i++) o = {a: o, b: o}; JSON.stringify(o)",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, i)"}) {
    INFO(hostile);
    const auto peak = peak_of(hostile);
    INFO(peak);
    CHECK(peak < most);
  }
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
