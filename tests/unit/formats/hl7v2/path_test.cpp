#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {
namespace {

TEST_CASE("a path says segment, field, repetition, component and subcomponent") {
  auto path = parse_path("PID[2]-3[4].1.2");
  REQUIRE(path.ok());
  CHECK(path->segment == "PID");
  CHECK(path->segment_index == 2);
  CHECK(path->field == 3);
  CHECK(path->repetition == 4);
  CHECK(path->component == 1);
  CHECK(path->subcomponent == 2);
}

TEST_CASE("a path can be written down and read again") {
  for (auto text :
       {"PID", "PID[2]", "MSH-9", "PID-3.1", "OBX[3]-5", "ZP1-3[2].1.2", "OBX[*]-5", "PID-3[*].1",
        "PATIENT_RESULT/ORDER_OBSERVATION[2]/OBX[1]-5.1", "ORDER_OBSERVATION[*]/OBX[*]-5"}) {
    auto path = parse_path(text);
    REQUIRE(path.ok());
    CHECK(to_string(*path) == text);
  }
}

TEST_CASE("the other ways in which people write paths are understood") {
  for (auto text : {"PID.3.1", "PID-3-1", "PID.3-1"})
    CHECK(to_string(*parse_path(text)) == "PID-3.1");
  CHECK(to_string(*parse_path("PID[1].3[2].4.1")) == "PID[1]-3[2].4.1");
}

TEST_CASE("bad paths are refused") {
  for (auto text : {"",          "PI",          "pid-3",
                    "3ID-1",     "PID-",        "PID-0",
                    "PID-4001",  "PID-3.",      "PID-3.0",
                    "PID-3[0]",  "PID-3[1",     "PID[]-3",
                    "PID[x]-3",  "PID-3.1.2.3", "PID 3",
                    "PID/",      "/PID-3",      "X[**]/PID-3",
                    "a/PID-3",   "G[0]/PID-3",  "A/B/C/D/E/F/G/H/I/PID-3",
                    "PID-3[**]", "PID-3x",      "PID-99999999999999999999",
                    "PID--3"}) {
    INFO(text);
    auto path = parse_path(text);
    REQUIRE_FALSE(path.ok());
    CHECK(path.error().kind == ErrorKind::Invalid);
  }
}

const char* const message =
    "MSH|^~\\&|LAB||||||ORU^R01|42|P|2.5\r"
    "PID|1||A1^^^H&1.2&ISO~B2^^^G||Doe^John\r"
    "OBX|1|NM|x||7\rOBX|2|NM|y||8~9\r";

std::string peeked(const char* path) {
  auto value = peek(message, *parse_path(path));
  return value ? std::string(*value) : "(none)";
}

TEST_CASE("peeking finds one value") {
  CHECK(peeked("MSH-1") == "|");
  CHECK(peeked("MSH-2") == "^~\\&");
  CHECK(peeked("MSH-2.1") == "^~\\&");
  CHECK(peeked("MSH-9.2") == "R01");
  CHECK(peeked("PID-3") == "A1^^^H&1.2&ISO");
  CHECK(peeked("PID-3.1") == "A1");
  CHECK(peeked("PID-3[2].1") == "B2");
  CHECK(peeked("PID-3.4.3") == "ISO");
  CHECK(peeked("PID-5.1.1") == "Doe");
  CHECK(peeked("OBX[2]-5[2]") == "9");
  CHECK(peeked("PID-2").empty());
  CHECK(peeked("PID-40") == "(none)");
  CHECK(peeked("PID-3[3].1") == "(none)");
  CHECK(peeked("PID-5.9") == "(none)");
  CHECK(peeked("OBX[3]-5") == "(none)");
  CHECK(peeked("PV1-1") == "(none)");
  CHECK(peeked("PID") == "PID|1||A1^^^H&1.2&ISO~B2^^^G||Doe^John");
  CHECK_FALSE(peek("PID|1", *parse_path("PID-1")));
}

TEST_CASE("peeking all finds every repetition and segment, up to a bound") {
  auto all = [](const char* path, std::size_t most) {
    return peek_all(message, *parse_path(path), most);
  };
  using Values = std::vector<std::string_view>;
  CHECK(all("PID-3.1", 10) == Values{"A1", "B2"});
  CHECK(all("PID-3[2].1", 10) == Values{"B2"});
  CHECK(all("OBX-5", 10) == Values{"7", "8", "9"});
  CHECK(all("OBX[2]-5", 10) == Values{"8", "9"});
  CHECK(all("OBX-5", 2) == Values{"7", "8"});
  CHECK(all("OBX-5", 0).empty());
  CHECK(all("PID-2", 10).empty());
  CHECK(all("MSH-2", 10) == Values{"^~\\&"});
}

}  // namespace
}  // namespace causeway::hl7v2
