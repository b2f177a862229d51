#include "engine/formats/hl7v2/xml/v2_xml.h"

#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/xml/element_reader.h"

namespace causeway::hl7v2 {
namespace {

Message parsed(const std::string& text) {
  auto message = Message::parse(make_bytes(text));
  REQUIRE(message.ok());
  return std::move(*message);
}

const std::string result =
    "MSH|^~\\&|A\\T\\B|H|||20240102||ORU^R01|1|P|2.5.1\r"
    "PID|1||A1^^^H&1.2&ISO~B2||Doe^\\.br\\ \\.br\\<&>||\"\"||~b\r"
    "ZPI|1|a^b&c~d\r"
    "OBR|1|||x^y\r"
    "OBX|1|CE|a^b||1^one||||||F\r";

TEST_CASE("a value of a primitive type keeps the parts that its sender made of it") {
  const std::string text =
      "MSH|^~\\&|A||||||ORU^R01|1|P|2.5\rOBX|1|TX|a||rate & rhythm~x^y&z||4.50&5.90\r";
  const auto message = Message::parse(make_bytes(std::string(text)));
  REQUIRE(message.ok());
  CHECK(*from_xml(*to_xml(*message)) == text);
}

TEST_CASE("what only looks like an escape sequence is read back as the text that it is") {
  const std::string text = "MSH|^~\\&|A||||||ORU^R01|1|P|2.5\rNTE|1||a\\X0D\\.sp\\Diab\\X41\\b\r";
  const auto message = Message::parse(make_bytes(std::string(text)));
  REQUIRE(message.ok());
  const auto back = Message::parse(make_bytes(*from_xml(*to_xml(*message))));
  REQUIRE(back.ok());
  const auto place = *parse_path("NTE-3");
  CHECK(back->get(place) == message->get(place));
}

TEST_CASE("headers of batches within a message, and delimiters with a segment end") {
  const std::string text = "MSH|^~\\&|A||||||ADT^A08|1|P|2.5\rBHS|^~\\&|B\rFHS|\rPID|1\r";
  const auto message = Message::parse(make_bytes(std::string(text)));
  REQUIRE(message.ok());
  CHECK(*from_xml(*to_xml(*message)) == text);
  CHECK(from_xml("<A><MSH><MSH.2>^~\\&amp;&#13;PID|1</MSH.2></MSH></A>").error().place == "MSH.2");
}

TEST_CASE("a message without a delimiter for subcomponents is read back") {
  const auto message =
      Message::parse(make_bytes("MSH|^~&|A||||||ADT^A08|1|P|2.5\rPID|1||A1||DOE^JANE\r"));
  REQUIRE(message.ok());
  const auto xml = to_xml(*message);
  REQUIRE(xml.ok());
  const auto back = from_xml(*xml);
  REQUIRE(back.ok());
  CHECK(*back == *message->bytes());
  CHECK_FALSE(
      from_xml("<ADT_A01><MSH><MSH.9><MSG.1>A</MSG.1><MSG.1>B</MSG.1></MSH.9></MSH></ADT_A01>")
          .ok());
}

TEST_CASE("a message is written in its groups, by its types") {
  const auto xml = to_xml(parsed(result));
  REQUIRE(xml.ok());
  for (const auto* part : {
           "<ORU_R01 xmlns=\"urn:hl7-org:v2xml\">",
           "<MSH.1>|</MSH.1>",
           "<MSH.2>^~\\&amp;</MSH.2>",
           "<MSH.3><HD.1>A&amp;B</HD.1></MSH.3>",
           "<ORU_R01.PATIENT_RESULT>",
           "<PID.3><CX.1>A1</CX.1><CX.4><HD.1>H</HD.1><HD.2>1.2</HD.2><HD.3>ISO</HD.3></CX.4>",
           "<PID.3><CX.1>B2</CX.1></PID.3>",
           "<escape V=\".br\"/> <escape V=\".br\"/>&lt;",
           "<PID.7><TS.1>&quot;&quot;</TS.1></PID.7>",
           "<ZPI.2><CM.1>a</CM.1>",
           "<OBX.5><CE.1>1</CE.1><CE.2>one</CE.2></OBX.5>",
       }) {
    INFO(part);
    CHECK(xml->find(part) != std::string::npos);
  }
}

TEST_CASE("what was written reads back with the same values") {
  const auto xml = to_xml(parsed(result));
  const auto back = from_xml(*xml);
  REQUIRE(back.ok());
  CHECK(*back == result);
}

TEST_CASE("other delimiters, and values that need escaping, survive") {
  const std::string odd =
      "MSH*%~\\&*A*H***20240102**ADT%A01*1*P*2.3\rEVN*A01*2024\rPID*1**a\\F\\b\\S\\c\\E\\d*x%y\r";
  const auto back = from_xml(*to_xml(parsed(odd)));
  REQUIRE(back.ok());
  CHECK(*back == odd);
}

TEST_CASE("what has no version, or is no UTF-8, is not written") {
  CHECK_FALSE(to_xml(parsed("MSH|^~\\&|A|H|||2024||ADT^A01|1|P|9\r")).ok());
  const auto latin = to_xml(parsed("MSH|^~\\&|A|H|||2024||ADT^A01|1|P|2.5\rPID|1||\xe9\r"));
  REQUIRE_FALSE(latin.ok());
  CHECK(latin.error().place == "segment 2");
}

TEST_CASE("XML that is no message is refused with a reason") {
  for (auto text : {"", "<a/>", "<ADT_A01><PID/></ADT_A01>", "<a><MSH><MSH.3/><MSH.2/></MSH></a>",
                    "<a><MSH/><PID><PID.5/><PID.3/></PID></a>", "<a><MSH/><PID><x/></PID></a>",
                    "<a><MSH/><PID><PID.9999999/></PID></a>", "<a><PID/><MSH/></a>",
                    "<a><MSH/><PID><PID.3><CX.2>a</CX.2><CX.1>b</CX.1></PID.3></PID></a>",
                    "<a><MSH/><PID><PID.1><X.1><Y.1><Z.1/></Y.1></X.1></PID.1></PID></a>",
                    "<!DOCTYPE a><a><MSH/></a>"}) {
    INFO(text);
    const auto message = from_xml(text);
    REQUIRE_FALSE(message.ok());
    CHECK_FALSE(message.error().text.empty());
  }
}

TEST_CASE("every version has schemas, each of which is well-formed XML") {
  const auto schemas = xml_schemas(*Grammar::find("2.5.1"));
  CHECK(schemas.size() > 200);
  for (const auto& schema : schemas) {
    INFO(schema.name);
    CHECK(read_elements(schema.text).ok());
  }
}

}  // namespace
}  // namespace causeway::hl7v2
