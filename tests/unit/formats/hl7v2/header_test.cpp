#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {
namespace {

TEST_CASE("the header is read from MSH alone") {
  auto header = peek_header(
      "MSH|^~\\&|LAB|HOSP|EMR|CLINIC|20260101||ORU^R01^ORU_R01|42|P|2.5.1|||AL|NE||UNICODE "
      "UTF-8\rPID|1\r");
  REQUIRE(header.ok());
  CHECK(header->sending_application == "LAB");
  CHECK(header->sending_facility == "HOSP");
  CHECK(header->receiving_application == "EMR");
  CHECK(header->receiving_facility == "CLINIC");
  CHECK(header->type == "ORU^R01^ORU_R01");
  CHECK(header->control_id == "42");
  CHECK(header->processing_id == "P");
  CHECK(header->version == "2.5.1");
  CHECK(header->accept_ack_type == "AL");
  CHECK(header->application_ack_type == "NE");
  CHECK(header->character_set == "UNICODE UTF-8");
  CHECK(header->enhanced_mode());
}

TEST_CASE("a short MSH, blank lines and a byte-order mark are no hindrance") {
  auto header = peek_header("\xEF\xBB\xBF\r\n\nMSH|^~\\&|A");
  REQUIRE(header.ok());
  CHECK(header->sending_application == "A");
  CHECK(header->control_id.empty());
  CHECK_FALSE(header->enhanced_mode());
}

TEST_CASE("the sender's delimiters hold, with usual ones for what MSH-2 leaves out") {
  auto header = peek_header("MSH$%~\\&$A");
  REQUIRE(header.ok());
  CHECK(header->delimiters.field == '$');
  CHECK(header->delimiters.component == '%');
  CHECK(header->sending_application == "A");

  auto shorter = peek_header("MSH|^~|A");
  REQUIRE(shorter.ok());
  CHECK(shorter->delimiters.escape == '\\');
  CHECK(shorter->delimiters.subcomponent == '&');

  auto taken = peek_header("MSH^~&^A");  // & repeats here, so there is no subcomponent delimiter
  REQUIRE(taken.ok());
  CHECK(taken->delimiters.component == '~');
  CHECK(taken->delimiters.repetition == '&');
  CHECK(taken->delimiters.subcomponent == '\0');

  CHECK(peek_header("MSH|^~\\&#|A")->sending_application == "A");  // 2.7: truncation character
}

TEST_CASE("what is no HL7 v2 is refused, saying where") {
  for (auto bytes : {"", "\r\n\r\n", "PID|1", "MSH", "MSHX^~\\&X", "MSH\r^~\\&", "MSH||A", "MSH|",
                     "MSH|^^~\\|A", "MSH|^~\\A|", "FHS|^~\\&|", "GET / HTTP/1.1\r\n"}) {
    INFO(bytes);
    auto header = peek_header(bytes);
    REQUIRE_FALSE(header.ok());
    CHECK(header.error().kind == ErrorKind::Invalid);
    CHECK(header.error().place.starts_with("MSH"));
    CHECK_FALSE(Message::parse(make_bytes(bytes)).ok());
  }
}

}  // namespace
}  // namespace causeway::hl7v2
