// What a script can do with a message and its context.
#include <catch2/catch.hpp>

#include <thread>

#include "engine/core/limits.h"
#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

TEST_CASE("a script edits fields and adds a segment; all else stays as it was") {
  Runner script(body(R"(
    msg.set("MSH-5", "RIS"); msg.set("PID-5.2", "JANE"); msg.append("ZPI|1|x"); return msg;)"));
  auto result = script.run();
  REQUIRE(result.output);
  CHECK(result.output->contents.at(0).type == ContentType::Hl7v2);
  CHECK(*result.output->contents.at(0).bytes ==
        "MSH|^~\\&|EPIC|GENERAL|RIS|GENERAL|20240102030405||ADT^A01|C1|P|2.5\r"
        "EVN|A01|20240102030405\r"
        "PID|1||123^^^MRN~456^^^SSN||DOE^JANE^Q||19700101|M\r"
        "PV1|1|I|W^389^1\r"
        "ZPI|1|x\r");
  CHECK(script.text() == *result.output->contents.at(0).bytes);
}

TEST_CASE("a message returned untouched is the very same bytes") {
  Runner script(body("return msg"));
  auto bytes = make_bytes(adt);
  ScriptInput input{.content = {ContentType::Hl7v2, bytes},
                    .received_at = {},
                    .message = {1},
                    .revision = "r",
                    .destinations = {}};
  auto result = script.instance->run(input);
  REQUIRE(result.output);
  CHECK(result.output->contents.at(0).bytes == bytes);
}

TEST_CASE("reading by path, counting and finding") {
  auto value = [](std::string expression) {
    return Runner(body("return String(" + expression + ")")).text();
  };
  CHECK(value("msg.get('PID-3.1')") == "123");
  CHECK(value("msg.get('PID-3[2].1')") == "456");
  CHECK(value("msg.get('PID-30')") == "");
  CHECK(value("msg.raw('PID-5')") == "DOE^JOHN^Q");
  CHECK(value("msg.repetitions('PID-3')") == "2");
  CHECK(value("msg.count('PV1')") == "1");
  CHECK(value("msg.count('OBX')") == "0");
  CHECK(value("msg.indexOf('PV1')") == "3");
  CHECK(value("msg.indexOf('OBX')") == "-1");
  CHECK(value("msg.segment('EVN')") == "EVN|A01|20240102030405");
  CHECK(value("msg.segment('OBX')") == "undefined");
  CHECK(value("msg.toString()") == adt);
}

TEST_CASE("segments are inserted and removed") {
  CHECK(contains(Runner(body("msg.insert(2, 'ZZZ|1'); return msg")).text(),
                 "20240102030405\rZZZ|1\rPID|"));
  CHECK(!contains(Runner(body("msg.remove('PV1'); return msg")).text(), "PV1"));
  CHECK(
      contains(Runner(body("msg.remove('PV1', 2); return msg")).text(), "no segment PV1 number 2"));
  CHECK(contains(Runner(body("msg.remove('MSH'); return msg")).text(), "error: t.js:1:"));
}

TEST_CASE("segments are gone through one by one") {
  auto after = [](std::string_view text) {
    return Runner(body(text)).text(adt + "OBX|1|NM|A||5\rOBX|2|NM|B^x||6\r");
  };
  CHECK(after("return msg.segments('OBX').map(s => s.name() + s.index() + s.get('3.1') + "
              "s.get('5')).join()") == "OBX4A5,OBX5B6");
  CHECK(after("return String(msg.segments().length)") == "6");
  CHECK(after("return msg.segments('ZZZ').length + msg.segments('PID')[0].toString()") ==
        "0PID|1||123^^^MRN~456^^^SSN||DOE^JOHN^Q||19700101|M");
  CHECK(after("return msg.segments('PID')[0].raw('3') + msg.segments('PID')[0].repetitions('3')") ==
        "123^^^MRN2");
  CHECK(contains(after("for (const s of msg.segments('OBX')) s.set('5', s.get('5') * 2)"),
                 "OBX|1|NM|A||10\rOBX|2|NM|B^x||12\r"));
  CHECK(after("const s = msg.segments('OBX'); msg.remove('OBX'); return s[1].get('5')") == "6");
  CHECK(contains(after("msg.segments('OBX')[0].get('x')"), "error: t.js:1:"));
  CHECK(contains(after("msg.segments('OBX')[0].get(5)"), "a path within the segment"));
}

TEST_CASE("delimiters in a value are escaped, raw ones are not") {
  CHECK(contains(Runner(body("msg.set('PID-5.1', 'A|B^C'); return msg")).text(),
                 "A\\F\\B\\S\\C^JOHN"));
  CHECK(contains(Runner(body("msg.setRaw('PID-5', 'A^B'); return msg")).text(), "|A^B|"));
}

TEST_CASE("a wrong call throws an error that names the call and the place") {
  CHECK(contains(Runner(body("\n  msg.set('PID-x', 'a')")).text(), "error: t.js:2:"));
  CHECK(contains(Runner(body("msg.set('PID-5')")).text(), "msg.set: the value must be a string"));
  CHECK(contains(Runner(body("msg.set('ZZZ-5', 'a')")).text(), "msg.set: "));
  CHECK(contains(Runner(body("msg.get(5)")).text(), "msg.get: argument 1 must be a string"));
  CHECK(contains(Runner(body("msg.get.call({}, 'PID-3')")).text(), "not called on a message"));
  CHECK(contains(Runner(body("msg.insert(-1, 'ZZZ')")).text(), "whole number"));
  CHECK(Runner(body("try { msg.get('?') } catch (e) { return 'caught' }")).text() == "caught");
}

TEST_CASE("bytes that are not declared to be UTF-8 pass one by one") {
  std::string latin1 = adt;
  latin1.replace(latin1.find("DOE"), 3, "M\xDCLLER");
  CHECK(contains(Runner(body("msg.set('MSH-5', 'X'); return msg")).text(latin1), "M\xDCLLER^JOHN"));
  CHECK(contains(Runner(body("msg.set('PID-6', msg.get('PID-5.1')); return msg")).text(latin1),
                 "|M\xDCLLER|19700101"));
  CHECK(contains(Runner(body("msg.set('PID-6', '\\u00e9'); return msg")).text(latin1),
                 "|\xE9|19700101"));
  CHECK(contains(Runner(body("msg.set('PID-6', '\\u20ac'); return msg")).text(latin1),
                 "character U+20AC has no place"));
  CHECK(Runner(body("return msg.toString()")).text(latin1) == latin1);
}

TEST_CASE("a message that declares UTF-8 is read and written as UTF-8") {
  std::string utf8 = adt;
  utf8.replace(utf8.find("|2.5\r"), 5, "|2.5||||||UNICODE UTF-8\r");
  utf8.replace(utf8.find("DOE"), 3, "M\u00fcller");
  CHECK(Runner(body("return String(msg.get('PID-5.1').length)")).text(utf8) == "6");
  CHECK(contains(Runner(body("msg.set('PID-5.2', '\u20ac\U0001F600'); return msg")).text(utf8),
                 "M\u00fcller^\u20ac\U0001F600^Q"));
  std::string broken = utf8;
  broken.replace(broken.find("JOHN"), 4, "J\xF6RG");
  CHECK(contains(Runner(body("msg.set('MSH-5', 'X'); return msg")).text(broken), "^J\xF6RG^"));
}

TEST_CASE("content of no other kind comes as a string") {
  Runner script(body("return msg + '!'"));
  CHECK(script.text("{\"a\":\"\u20ac\"}", ContentType::Text) == "{\"a\":\"\u20ac\"}!");
  CHECK(script.text("\xFF\x00\xFE", ContentType::Binary) == "\xFF!");
  std::string binary("\xFF\0\xFE", 3);
  CHECK(script.text(binary, ContentType::Binary) == binary + "!");
  CHECK(contains(script.text("garbage", ContentType::Hl7v2), "error: "));
}

TEST_CASE("what a transform returns goes on") {
  CHECK(Runner(body("return ctx.drop('not for us')")).text() == "dropped");
  CHECK(Runner(body("ctx.drop('x'); return msg")).text() == "dropped");
  CHECK(contains(Runner(body("return ctx.drop('not for us')")).run().log, "dropped: not for us"));
  CHECK(Runner(body("")).text() == adt);
  CHECK(contains(Runner(body("msg.set('MSH-5', 'X')")).text(), "GENERAL|X|GENERAL"));
  CHECK(contains(Runner(body("return null")).text(), "error: t.js: Error: it returned null"));
  CHECK(contains(Runner(body("return 5")).text(), "it returned a number"));
  CHECK(contains(Runner(body("return {}")).text(), "it returned an object"));
  CHECK(contains(Runner(body("return Object.create(msg)")).text(), "it returned an object"));
  CHECK(Runner("export default async function (msg) { return await 'later' }").text() == "later");
  CHECK(Runner(body("return ''")).text() == "");
}

TEST_CASE("a transform may make several messages of one") {
  CHECK(Runner(body("return ['a', ctx.text('b')]")).text() == "a / b");
  CHECK(Runner(body("return []")).text() == "dropped");
  CHECK(contains(Runner(body("return [msg, 5]")).text(), "it returned a number"));
  auto copies = Runner(body(R"(
      const a = msg.copy(), b = a.copy(); a.set("MSH-5", "A"); b.set("MSH-5", "B");
      return [msg, a, b])"))
                    .text();
  CHECK(copies.starts_with(adt + " / MSH|^~\\&|EPIC|GENERAL|A|"));
  CHECK(contains(copies, "GENERAL|B|GENERAL"));
  ScriptLimits limits;
  limits.parts_max = 3;
  CHECK(Runner(body("return ['1', '2', '3']"), limits).text() == "1 / 2 / 3");
  CHECK(
      contains(Runner(body("return ['1', '2', '3', '4']"), limits).text(), "more than 3 messages"));
}

TEST_CASE("a filter says whether the message goes on") {
  auto filter = [](std::string_view text) { return Runner(body(text), {}, ScriptRole::Filter); };
  CHECK(filter("return msg.get('PID-8') === 'M'").text() == adt);
  CHECK(filter("return msg.get('PID-8') === 'F'").text() == "dropped");
  CHECK(filter("return msg.get('PID-8') === 'F' || 'only women'").run().log ==
        "dropped: only women\n");
  CHECK(contains(filter("").text(), "it returned undefined; return true"));
  CHECK(contains(filter("return msg").text(), "it returned an object; return true"));
  CHECK(contains(filter("msg.set('PID-8', 'F'); return true").text(), "a filter decides alone"));
  CHECK(
      contains(filter("ctx.send('lab'); return true").text(), "ctx.send: a filter decides alone"));
}

TEST_CASE("a split gives the parts, one after the other") {
  auto split = [](const std::string& text) { return Runner(text, {}, ScriptRole::Split).text(); };
  CHECK(split("export default () => ['a', 'b']") == "a / b");
  CHECK(split("export default function* (msg) { for (const n of [1, 2]) yield 'part' + n }") ==
        "part1 / part2");
  CHECK(contains(split("export default function* (msg) {"
                       "  for (const name of ['A', 'B']) { msg.set('MSH-5', name); yield msg } }"),
                 "|B|GENERAL|20240102030405"));
  CHECK(split("export default () => []") == "dropped");
  CHECK(contains(split("export default () => 'x'"), "it returned a string; return a list"));
  CHECK(contains(split("export default () => ({})"), "error: t.js"));
  CHECK(contains(split("export default function* () { yield 'a';\n throw new Error('second') }"),
                 "error: t.js:2:8: Error: second"));
}

TEST_CASE("a route chooses destinations") {
  auto route = [](std::string_view text) {
    return Runner(body(text), {}, ScriptRole::Route).sends();
  };
  CHECK(route("return 'lab'") == "lab");
  CHECK(route("return ['archive', 'lab']") == "archive, lab");
  CHECK(route("return []") == "");
  CHECK(route("return {lab: 'note', archive: ctx.text('text')}") == "lab=note, archive=text");
  CHECK(route("ctx.send('lab', 'note'); ctx.send('archive')") == "lab=note, archive");
  CHECK(contains(route("return 'lap'"), "the route: there is no destination \"lap\""));
  CHECK(contains(route("return [5]"), "a destination is a name, not a number"));
  CHECK(contains(route("return msg"), "return the destination's name"));
  CHECK(contains(route(""), "it returned undefined; return the destination's name"));
  CHECK(contains(route("return {lab: 5}"), "the route gives lab a number"));
}

TEST_CASE("ctx.send chooses destinations") {
  auto sent = Runner(body("ctx.send('lab', msg); msg.set('MSH-5','X'); ctx.send('archive')"));
  CHECK(sent.sends() == "lab=" + adt + ", archive");
  CHECK(contains(sent.text(), "GENERAL|X|GENERAL"));
  auto text = Runner(body("ctx.send('lab', 'note'); return msg")).run();
  REQUIRE(text.output);
  CHECK(text.output->sends[0].content->type == ContentType::Text);
  CHECK(text.output->contents.size() == 1);
  CHECK(Runner(body("ctx.send('lab', 'a'); ctx.send('lab', 'b')")).sends() == "lab=a, lab=b");

  CHECK(contains(Runner(body("ctx.send('lap')")).text(), "the channel has: lab, archive"));
  CHECK(contains(Runner(body("ctx.send('lab'); ctx.drop('x')")).text(), "ctx.send has already"));
  CHECK(contains(Runner(body("ctx.send('lab', {})")).text(), "ctx.send can't take an object"));
}

TEST_CASE("content of any type can be made") {
  auto made = [](std::string_view expression) {
    auto run = Runner(body("return " + std::string(expression))).run();
    if (!run.output) return run.output.error().str();
    const auto& content = run.output->contents.at(0);
    return std::string(to_string(content.type)) + ":" + *content.bytes;
  };
  CHECK(made("ctx.text('a')") == "text:a");
  CHECK(made("ctx.text('<a/>', 'xml')") == "xml:<a/>");
  CHECK(made("ctx.bytes(new Uint8Array([65, 66]))") == "binary:AB");
  CHECK(made("ctx.bytes(new Uint8Array([65, 66, 67]).subarray(1), 'text')") == "text:BC");
  CHECK(made("ctx.text(ctx.text('a', 'json').type)") == "text:json");
  CHECK(contains(made("ctx.text('a', 'jsn')"), "ctx.text: the type is one of binary, hl7v2"));
  CHECK(contains(made("ctx.bytes('AB')"), "ctx.bytes: give a Uint8Array, not a string"));
}

TEST_CASE("nothing of an earlier run can be used") {
  ScriptLimits limits;
  limits.verify_one_in = 0;
  Runner kept(
      "let kept; export default (msg) => { kept = kept || msg; return kept.get('PID-3.1') }",
      limits);
  CHECK(kept.text() == "123");
  CHECK(contains(kept.text(), "this Message is of an earlier run"));
}

TEST_CASE("the context gives time, uuids, a reply and a log") {
  CHECK(Runner(body("return ctx.now")).text() == "2024-01-02T03:04:05.678Z");
  CHECK(*Runner(body("ctx.reply('MSH|ok'); return msg")).run().output->reply == "MSH|ok");
  auto log = Runner(body("ctx.log('a', 1, {b: [true]}); console.warn('w'); return msg")).run().log;
  CHECK(log == "a 1 {\"b\":[true]}\nw\n");
}

TEST_CASE("uuids are the same for the same message, and differ otherwise") {
  Runner script(body("return ctx.uuid() + ' ' + ctx.uuid()"));
  auto first = script.text();
  CHECK(script.text() == first);
  CHECK(first.substr(0, 36) != first.substr(37));
  CHECK(first[14] == '8');
  CHECK(contains("89ab", std::string(1, first[19])));
  script.id = 78;
  CHECK(script.text() != first);
}

TEST_CASE("the log is bounded") {
  auto log = Runner(body("for (let i = 0; i < 1e5; i++) ctx.log('line', i); return msg")).run().log;
  CHECK(log.size() < limits::step_log_bytes + 100);
  CHECK(contains(log, "(the log is cut here)"));
  CHECK(
      Runner(body("ctx.log('x'.repeat(1e6), {a: 'y'.repeat(1e6)}); return msg")).run().log.size() <
      limits::step_log_bytes + 100);
}

TEST_CASE("an error thrown names file, line and column, and the next run is not affected") {
  Runner script(
      body("\n\n  if (msg.get('PID-8') === 'M') throw new Error('no men');\n return msg"));
  auto result = script.run();
  REQUIRE(!result.output);
  CHECK(result.output.error().kind == ErrorKind::Script);
  CHECK(result.output.error().place == "t.js:3:39");
  CHECK(result.output.error().text == "Error: no men");
  std::string other = adt;
  other.replace(other.find("|M\r"), 3, "|F\r");
  CHECK(script.text(other) == other);
}

TEST_CASE("whatever is thrown becomes an error") {
  CHECK(contains(Runner(body("throw 'text'")).text(), "text"));
  CHECK(contains(Runner(body("throw undefined")).text(), "error: t.js"));
  CHECK(contains(Runner(body("throw {toString() { for (;;); }}")).text(), "error: t.js"));
  CHECK(contains(Runner(body("throw new Proxy({}, {get() { for (;;); }})")).text(), "error: t.js"));
  CHECK(contains(Runner("export default async () => { throw new TypeError('later') }").text(),
                 "error: t.js:1:"));
  CHECK(contains(Runner(body("throw new Error('x'.repeat(1e6))")).text(), "error: t.js:1:"));
  CHECK(Runner(body("throw new Error('x'.repeat(1e6))")).text().size() < 5000);
}

TEST_CASE("an instance may be run on one thread after another") {
  Runner script(body("return msg"));
  CHECK(script.text() == adt);
  for (int i = 0; i < 3; ++i) {
    std::string there;
    std::thread([&] { there = script.text(); }).join();
    CHECK(there == adt);
  }
  CHECK(script.text() == adt);
}

TEST_CASE("columns count from 1") {
  CHECK(Runner("export default () => {\n  let x = );\n}").module.error().place == "t.js:2:11");
  CHECK(Runner(body("\n  null.x;")).run().output.error().place == "t.js:2:3");
  CHECK(Runner(body("\n  msg.get(1);")).run().output.error().place == "t.js:2:7");
  CHECK(Runner(body("\n  JSON.parse('(');")).run().output.error().place == "t.js:2:8");
}
