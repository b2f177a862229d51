// HL7 v2 messages that scripts make from nothing, or read from a text.
#include <catch2/catch.hpp>

#include "tests/unit/script/run_script.h"

namespace causeway::script {
namespace {

using testing::body;
using testing::contains;
using testing::Runner;

std::string made(const std::string& script, ContentType type = ContentType::Hl7v2,
                 std::string_view input = testing::adt) {
  return Runner(body(script)).text(input, type);
}

TEST_CASE("a message is made from nothing, by what the run knows alone") {
  const std::string script = "return ctx.newMessage('ORU^R01^ORU_R01', {version: '2.5.1'})";
  const auto text = made(script);
  CHECK(text.starts_with("MSH|^~\\&|||||20240102030405+0000||ORU^R01^ORU_R01|"));
  CHECK(text.ends_with("|P|2.5.1\r"));
  const auto at = text.find("ORU_R01|") + 8;
  CHECK(text.find('|', at) - at == 20);
  CHECK(made(script) == text);
  CHECK(made("return ctx.newMessage('A').get('MSH-10') !== ctx.newMessage('A').get('MSH-10') ? "
             "'two' : 'one'") == "two");
  CHECK(made("return ctx.newMessage('ACK', {controlId: 'C7', time: '2020', processingId: 'T', "
             "version: '2.3', delimiters: '#*!?%'})") == "MSH#*!?%#####2020##ACK#C7#T#2.3\r");
  CHECK(made("return ctx.newMessage('ADT^A08', {controlId: '1', time: '', delimiters: '|$'})") ==
        "MSH|$|||||||ADT$A08|1|P|2.5\r");
}

TEST_CASE("segments are put in with their values, and groups follow from the structure") {
  const auto text = made(R"js(
    const oru = ctx.newMessage('ORU^R01^ORU_R01', {controlId: '1', time: '', version: '2.5.1'});
    oru.append('PID', {1: 1, '3.1': 'A|7', '3.4.1': 'MRN', '5.1': 'O&G'});
    for (const name of ['Hb', 'Na']) {
      const obr = oru.append('OBR|1');
      obr.set('4.1', name);
      oru.append('OBX', {2: 'NM', '3.1': name, 5: 13.5});
    }
    oru.groups('ORDER_OBSERVATION')[0].append('NTE', {3: 'checked'}).set('1', 1);
    oru.insert(1, 'SFT', {1: 'x'});
    return oru;
  )js");
  CHECK(text ==
        "MSH|^~\\&|||||||ORU^R01^ORU_R01|1|P|2.5.1\rSFT|x\r"
        "PID|1||A\\F\\7^^^MRN||O\\T\\G\rOBR|1|||Hb\rOBX||NM|Hb||13.5\rNTE|1||checked\r"
        "OBR|1|||Na\rOBX||NM|Na||13.5\r");
}

TEST_CASE("values of a new message are in the character set that it declares") {
  const std::string script =
      "const m = ctx.newMessage('ADT^A01', {controlId: '1', time: ''});"
      "m.append('PID', {'5.1': 'M\\u00fcller'}); return m";
  CHECK(made(script, ContentType::Json, "{}") ==
        "MSH|^~\\&|||||||ADT^A01|1|P|2.5.1||||||UNICODE UTF-8\rPID|||||M\xC3\xBCller\r");
  CHECK(made(script) == "MSH|^~\\&|||||||ADT^A01|1|P|2.5\rPID|||||M\xFCller\r");
  CHECK(made(script, ContentType::Hl7v2, "MSH|^~\\&|||||||A|1|T|2.3||||||8859/1\r") ==
        "MSH|^~\\&|||||||ADT^A01|1|T|2.3||||||8859/1\rPID|||||M\xFCller\r");
}

TEST_CASE("a message is read from its text") {
  CHECK(made("return ctx.parseMessage(msg.get('ZED-1').replace(/\\n/g, '\\r')).get('PID-3')",
             ContentType::Hl7v2,
             "MSH|^~\\&\rZED|MSH\\F\\\\S\\\\R\\\\E\\\\T\\\\.br\\PID\\F\\\\F\\\\F\\A7\r") == "A7");
  CHECK(contains(made("ctx.parseMessage('PID|1')"), "ctx.parseMessage: MSH"));
  CHECK(contains(made("ctx.parseMessage(1)"), "give a string"));
  CHECK(made("return msg.a", ContentType::Json, "{\"a\":\"MSH|\"}") == "MSH|");
}

TEST_CASE("mistakes in making a message are answered with the remedy") {
  CHECK(contains(made("ctx.newMessage()"), "give the type, such as \"ADT^A01^ADT_A01\""));
  CHECK(contains(made("ctx.newMessage('A', {id: '1'})"), "there is no \"id\": version, controlId"));
  CHECK(contains(made("ctx.newMessage('A', {controlId: 1})"), "controlId is a string"));
  CHECK(contains(made("ctx.newMessage('A', 1)"), "the second argument is an object"));
  CHECK(contains(made("ctx.newMessage('A', {delimiters: '||'})"), "ctx.newMessage: MSH"));
  CHECK(contains(made("ctx.newMessage('A', {delimiters: ''})"), "delimiters are"));
  CHECK(contains(made("ctx.newMessage('A\\r')"), "segment end"));
  CHECK(contains(made("msg.append('PID', {x: 1})"), "msg.append: "));
  CHECK(contains(made("msg.append('PID', 7)"), "must be an object of values"));
  CHECK(contains(made("msg.append('PID', {3: {}})"), "must be a string, number or boolean"));
  CHECK(contains(made("msg.append(`PID`, {'3[*]': 1})"), "msg.append: "));
}

TEST_CASE("a filter may make messages, and a run no more than its limit") {
  Runner filter(body("ctx.newMessage('A').append('PID'); return true"), {}, ScriptRole::Filter);
  CHECK(filter.text() == testing::adt);
  CHECK(filter.text("{}", ContentType::Json) == "{}");
  CHECK(contains(made("for (;;) ctx.newMessage('A')"), "it writes more than"));
}

TEST_CASE("building a long message takes time in proportion") {
  CHECK(
      made("const m = ctx.newMessage('A'); for (let i = 0; i < 20000; i++) m.append('OBX', {1: i});"
           "return `${m.count('OBX')} ${m.get('OBX[20000]-1')}`") == "20000 19999");
}

}  // namespace
}  // namespace causeway::script
