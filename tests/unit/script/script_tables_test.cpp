// Code tables, and what is known of the message besides its content.
#include <catch2/catch.hpp>

#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

namespace {

const SourceFiles channel_tables{
    {"tables/sex.csv",
     "code,fhir,display\r\nM,male,Male\r\nF,female,Female\r\nA,other,Ambiguous\r\n"
     "O,other,\"Other, \u00fc\"\r\n1,one,One\r\n"},
    {"tables/keys.csv", "key\na\n"}};
const SourceFiles library{{"hl7v2_to_fhir/codes/class.csv", "code,fhir\nI,IMP\n"},
                          {"lib/x.js", "export const x = 1"}};

std::string value(const std::string& expression) {
  return Runner(sources_of(body("return String(" + expression + ")"), channel_tables, library))
      .text();
}

std::string error_of(std::string_view text) {
  SourceFiles files{{"tables/t.csv", std::string(text)}};
  auto tables = CodeTables::read(&files, nullptr);
  return tables ? "none" : tables.error().str();
}

}  // namespace

TEST_CASE("a code table is looked up by its first column") {
  CHECK(value("ctx.table('sex').get('M')") == "male");
  CHECK(value("ctx.table('sex').get('M', 'display')") == "Male");
  CHECK(value("ctx.table('sex').get(1)") == "one");
  CHECK(value("ctx.table('sex').lookup('F')") == "female");
  CHECK(value("ctx.table('sex').lookup('X')") == "undefined");
  CHECK(value("ctx.table('sex').lookup('X') ?"
              "? 'unknown'") == "unknown");
  CHECK(value("ctx.table('sex').has('X') + ' ' + ctx.table('sex').has('M')") == "false true");
  CHECK(value("JSON.stringify(ctx.table('sex').row('O'))") ==
        "{\"code\":\"O\",\"fhir\":\"other\",\"display\":\"Other, \xFC\"}");
  CHECK(value("ctx.table('sex').row('X')") == "undefined");
  CHECK(value("ctx.table('hl7v2_to_fhir/codes/class').get('I')") == "IMP");
  CHECK(value("ctx.table('keys').has('a')") == "true");
}

TEST_CASE("a code table is read backwards where that is clear") {
  CHECK(value("ctx.table('sex').reverse('female')") == "F");
  CHECK(value("ctx.table('sex').reverse('Ambiguous', 'display')") == "A");
  CHECK(value("ctx.table('sex').reverse('none')") == "undefined");
  CHECK(contains(value("ctx.table('sex').reverse('other')"),
                 "table.reverse: several codes have the value \"other\""));
}

TEST_CASE("what a table doesn't have is said") {
  CHECK(contains(value("ctx.table('sex').get('X')"), "table.get: there is no code \"X\""));
  CHECK(contains(value("ctx.table('sex').get('M', 'fihr')"),
                 "no column \"fihr\"; the table has: code, fhir, display"));
  CHECK(contains(value("ctx.table('sax')"), "there are: hl7v2_to_fhir/codes/class, keys, sex"));
  CHECK(contains(value("ctx.table('keys').get('a')"), "a column of keys alone"));
  CHECK(contains(value("ctx.table('sex').get({})"), "table.get: give a code, as a string"));
  CHECK(contains(value("ctx.table('sex').get.call(msg, 'M')"), "not called on a table"));
}

TEST_CASE("a malformed table is an error with file and line") {
  CHECK(error_of("a,b\n1,2\n") == "none");
  CHECK(error_of("a,b\n1\n") == "tables/t.csv:2: 1 fields, where the heading has 2");
  CHECK(error_of("a,b\n1,2\n\n1,3\n") == "tables/t.csv:4: the key \"1\" is there twice");
  CHECK(error_of("a,b\n1,2\"\n") ==
        "tables/t.csv:2: a quote in a field that does not begin with one");
  CHECK(error_of("a,a\n") == "tables/t.csv:1: two columns have the same name");
  CHECK(error_of("") == "tables/t.csv:1: it has no heading");
}

TEST_CASE("the facts of a message") {
  CHECK(value("JSON.stringify(ctx.message)") ==
        R"({"id":")" + causeway::to_string(MessageId{77}) +
            R"(","received":"2024-01-02T03:04:05.678Z","contentType":"hl7v2","channel":"lab/in",)"
            R"("cause":"arrival","environment":"test",)"
            "\"sender\":{\"address\":\"192.0.2.1:5000\",\"name\":\"M\xFCller\"},\"attributes\":{"
            "\"path\":\"/x\"}}");
  CHECK(contains(value("ctx.message.id = 5"), "error: t.js"));
}

TEST_CASE("attributes are attached, sent and replied") {
  auto given = [](const std::string& code) { return Runner(body(code)).run(); };
  auto run = given(
      "ctx.attach({path: '/' + ctx.message.attributes.path, n: 1});"
      "ctx.send('lab', 'x', {path: '/y'}); ctx.reply('ok', {status: 201})");
  REQUIRE(run.output);
  CHECK(run.output->attributes == Attributes{{"path", "//x"}, {"n", "1"}});
  CHECK(run.output->sends.at(0).attributes == Attributes{{"path", "/y"}});
  CHECK(run.output->reply_attributes == Attributes{{"type", "text"}, {"status", "201"}});
  auto error_of_run = [&](const std::string& code) {
    const auto failed = given(code);
    return failed.output ? "none" : failed.output.error().str();
  };
  for (auto role : {ScriptRole::Response, ScriptRole::Request}) {
    const auto nothing = Runner(body("ctx.attach({a: 1})"), {}, role).run();
    CHECK(contains(nothing.output ? "none" : nothing.output.error().str(), "ctx.attach: "));
  }
  CHECK(contains(error_of_run("ctx.attach(5)"), "give attributes as an object {name: value}"));
  CHECK(contains(error_of_run("ctx.attach({a: {}})"), "the attribute \"a\" is"));
  CHECK(
      contains(error_of_run("ctx.send('lab', undefined, {a: 1})"), "attributes go with a content"));
  CHECK(contains(error_of_run("ctx.reply('x', {a: 'x'.repeat(40000)})"), "bytes of them"));
  CHECK(error_of_run("ctx.message.attributes.path = 1") != "none");
}
