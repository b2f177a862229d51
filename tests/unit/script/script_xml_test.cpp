// XML in scripts.
#include <catch2/catch.hpp>

#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

namespace {

const std::string sample =
    "<order xmlns:l=\"urn:lab\" id='5'><l:test code=\"GLU\">95</l:test>"
    "<l:test code=\"NA\">140</l:test></order>";

std::string after(std::string_view script) {
  return Runner(body(script)).text(sample, ContentType::Xml);
}
std::string value(const std::string& expression) {
  return after("const lab = {l: 'urn:lab'}; return String(" + expression + ")");
}

const std::string declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

}  // namespace

TEST_CASE("XML is read by XPath") {
  CHECK(value("msg.get('/order/@id')") == "5");
  CHECK(value("msg.get('//l:test', lab)") == "95");
  CHECK(value("msg.get('count(//l:test)', lab)") == "2");
  CHECK(value("msg.get('//nothing') === ''") == "true");
  CHECK(value("msg.all('//l:test', lab).map(t => t.attribute('code') + t.text()).join()") ==
        "GLU95,NA140");
  CHECK(value("msg.find('//l:test[2]', lab).get('@code')") == "NA");
  CHECK(value("msg.find('//nothing')") == "undefined");
  CHECK(value("msg.find('/order').name() + msg.find('//l:test', lab).namespace()") ==
        "orderurn:lab");
  CHECK(value("msg.find('/order').children().length") == "2");
  CHECK(value("msg.find('/order').attribute('none')") == "undefined");
}

TEST_CASE("XML that is not touched is the very same bytes; else it is written anew") {
  CHECK(after("") == sample);
  CHECK(after("msg.get('//x'); return msg") == sample);
  CHECK(after("msg.set('/order/@id', 6); msg.find('/order').append('note', "
              "'a<b').setAttribute('n', 1)") ==
        declaration +
            "<order xmlns:l=\"urn:lab\" id=\"6\"><l:test code=\"GLU\">95</l:test>"
            "<l:test code=\"NA\">140</l:test><note n=\"1\">a&lt;b</note></order>\n");
  CHECK(after("msg.all('//*[@code]').forEach(t => t.remove()); msg.find('/order')"
              ".setAttribute('id', null)") == declaration + "<order xmlns:l=\"urn:lab\"/>\n");
}

TEST_CASE("parts of XML become messages") {
  CHECK(after("return msg.all('/order/*').map(t => ctx.xml(t))") ==
        declaration + "<l:test xmlns:l=\"urn:lab\" code=\"GLU\">95</l:test>\n / " + declaration +
            "<l:test xmlns:l=\"urn:lab\" code=\"NA\">140</l:test>\n");
  auto run =
      Runner(body("const doc = ctx.parseXml('<a/>'); doc.find('/a').setText(msg.get('PID-3.1'));"
                  "return doc"))
          .run();
  REQUIRE(run.output);
  CHECK(run.output->contents.at(0).type == ContentType::Xml);
  CHECK(*run.output->contents.at(0).bytes == declaration + "<a>123</a>\n");
}

TEST_CASE("mistakes with XML name the call") {
  CHECK(contains(value("msg.get('//[')"), "xml.get: \"//[\" can't be evaluated as XPath"));
  CHECK(contains(value("msg.get('//q:a')"), "can't be evaluated"));
  CHECK(contains(value("msg.set('//none', 1)"), "xml.set: there is nothing at this path"));
  CHECK(contains(value("msg.all('count(//*)')"), "gives a value, not nodes"));
  CHECK(contains(value("msg.get(5)"), "xml.get: give an XPath"));
  CHECK(contains(value("ctx.xml('x')"), "ctx.xml: give XML"));
  CHECK(contains(value("ctx.parseXml('<a>')"), "XML: 1:"));
  auto broken = Runner(body("return msg")).run("<a>", ContentType::Xml);
  CHECK(broken.output.error().kind == ErrorKind::Invalid);
  ScriptLimits limits;
  limits.verify_one_in = 0;
  auto kept = Runner(
      "let kept; export default msg => { kept = kept || msg; return kept.get('/a') }", limits);
  CHECK(kept.text("<a>1</a>", ContentType::Xml) == "1");
  CHECK(contains(kept.text("<a>1</a>", ContentType::Xml), "of an earlier run"));
}

TEST_CASE("trees of XML are bounded") {
  auto kind = [](std::string_view script) {
    auto run = Runner(body(script)).run(sample, ContentType::Xml);
    return run.output ? ErrorKind::None : run.output.error().kind;
  };
  CHECK(kind("const o = msg.find('/order'); for (;;) o.append('a')") == ErrorKind::ScriptLimit);
  CHECK(kind("for (;;) ctx.parseXml('<a/>')") == ErrorKind::ScriptLimit);
  CHECK(kind("for (;;) msg.find('/order')") == ErrorKind::ScriptLimit);
  CHECK(
      kind("for (let t = '<a/>'; ; t = '<a>' + '<b/>'.repeat(200000) + '</a>') ctx.parseXml(t)") ==
      ErrorKind::ScriptLimit);
}
