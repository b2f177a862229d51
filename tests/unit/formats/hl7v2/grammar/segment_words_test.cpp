#include "engine/formats/hl7v2/grammar/segment_words.h"

#include <catch2/catch.hpp>

namespace causeway::hl7v2 {
namespace {

TEST_CASE("places are called as the version calls them") {
  auto message = Message::parse(
      make_bytes("MSH|^~\\&|A\rPID|1\rOBX|1|CWE|a\rOBX|1|ZZ|a\rMFE||||x|CE\rZZZ|1\r"));
  REQUIRE(message.ok());
  const auto& grammar = *Grammar::find("2.5.1");
  const auto words = [&](std::size_t segment) { return SegmentWords(grammar, *message, segment); };
  const auto name = [&](std::size_t segment, const char* path) {
    return words(segment).name_of(*parse_path(path));
  };
  CHECK(words(1).title() == "Patient Identification");
  CHECK(name(1, "PID") == "Patient Identification");
  CHECK(name(1, "PID-5.1.2") == "Patient Name, Family Name, Own Surname Prefix");
  CHECK(words(1).field(3).type == "CX");
  CHECK(words(1).field(8).table == "0001");
  CHECK(words(1).component(3, 5).table == "0203");
  CHECK(words(1).component(10, 1).table == "0005");  // of the field: Race
  CHECK(name(1, "PID-99.3").empty());
  CHECK(words(2).field(5).type == "CWE");
  CHECK(name(2, "OBX-5.2") == "Observation Value, Text");
  CHECK(name(3, "OBX-5.2") == "Observation Value");
  CHECK(words(4).component(4, 2).name == "Text");
  CHECK(name(5, "ZZZ-1").empty());
}

}  // namespace
}  // namespace causeway::hl7v2
