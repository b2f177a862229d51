#include "engine/main/authoring/deidentify.h"

#include <catch2/catch.hpp>

#include "engine/config/value.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway {
namespace {

const std::string stored =
    "MSH|^~\\&|ADT1|GOOD HEALTH|LAB|GOOD HEALTH|20240301084500||ORU^R01^ORU_R01|MSG00001|P|2.5.1\r"
    "PID|1||555-44-4444^^^HOSP^MR~8812^^^STATE||EVERYWOMAN^EVE^E^^^^L|JONES|19620320|F|||153 "
    "FERNWOOD "
    "DR.^^STATESVILLE^OH^35292||(206)3345232|(206)752-121||||AC555444444||67-A4335^OH^20030520\r"
    "PV1|1|I|2000^2012^01||||004777^ATTEND^AARON^A|||SUR||||ADM|A0"
    "|||||||||||||||||||||||||||||20240229\r"
    "OBR|1|845439^GHH OE|1045813^GHH LAB|1554-5^GLUCOSE\r"
    "OBX|1|NM|1554-5^GLUCOSE^LN||182|mg/dl|70_105|H|||F\r"
    "OBX|2|TX|8251-1^NOTE^LN||EVE EVERYWOMAN was seen at home||||||F\r"
    "NTE|1||Call (206)3345232\r"
    "ZPI|1|EVERYWOMAN|AC555444444\r";

std::string value(const std::string& message, const char* path) {
  auto parsed = hl7v2::Message::parse(make_bytes(message));
  REQUIRE(parsed);
  return parsed->get(*hl7v2::parse_path(path));
}

}  // namespace

TEST_CASE("De-identified: nothing that says who it is stays; what says what it is does") {
  Deidentifier without("salt");
  const auto made = without.hl7v2(make_bytes(stored));
  REQUIRE(made);
  for (const std::string_view word :
       {"EVERYWOMAN",  "EVE",      "JONES",    "555-44-4444", "8812",        "FERNWOOD",
        "STATESVILLE", "35292",    "3345232",  "752-121",     "AC555444444", "A4335",
        "19620320",    "20030520", "ATTEND",   "AARON",       "004777",      "845439",
        "1045813",     "MSG00001", "20240301", "20240229",    "at home"}) {
    CAPTURE(word);
    CHECK(made->find(word) == std::string::npos);
  }
  CHECK(value(*made, "MSH-9.1") == "ORU");
  CHECK(value(*made, "PID-3.4") == "HOSP");
  CHECK(value(*made, "PID-8") == "F");
  CHECK(value(*made, "PID-11.4") == "OH");
  CHECK(value(*made, "OBX-3.1") == "1554-5");
  CHECK(value(*made, "OBX-5") == "182");
  CHECK(without.unknown() == std::set<std::string>{"ZPI"});
}

TEST_CASE("De-identified: the same becomes the same, in its shape; dates keep their distance") {
  Deidentifier without("salt");
  const auto made = without.hl7v2(make_bytes(stored));
  REQUIRE(made);
  CHECK(value(*made, "ZPI-2") == value(*made, "PID-5.1"));
  CHECK(value(*made, "ZPI-3") == value(*made, "PID-18.1"));
  CHECK(value(*made, "PID-3.1").size() == 11);
  CHECK(value(*made, "PID-3.1")[3] == '-');
  const auto sent = value(*made, "MSH-7");
  CHECK(sent.substr(8) == "084500");
  CHECK(sent.substr(0, 8) > value(*made, "PV1-44"));
  Deidentifier again("salt"), other("pepper");
  CHECK(*again.hl7v2(make_bytes(stored)) == *made);
  CHECK(*other.hl7v2(make_bytes(stored)) != *made);
}

TEST_CASE("De-identified: answers of look-ups") {
  Deidentifier without("salt");
  const auto made = without.hl7v2(make_bytes(stored));
  REQUIRE(made);
  const auto answer = config::parse_json(
      R"({"name": "EVERYWOMAN", "number": 4711, "born": "19620320", "alive": true})", "answer");
  const auto shown = config::parse_json(without.json(*answer), "answer");
  CHECK(*shown->find("name")->string() == value(*made, "PID-5.1"));
  CHECK(*shown->find("number")->integer() != 4711);
  CHECK(*shown->find("born")->string() == value(*made, "PID-7"));
  CHECK(*shown->find("alive")->boolean());
}

TEST_CASE("De-identified: what is no HL7 is refused") {
  Deidentifier without("salt");
  CHECK(without.hl7v2(make_bytes("good evening")).error().kind == ErrorKind::Invalid);
}

}  // namespace causeway
