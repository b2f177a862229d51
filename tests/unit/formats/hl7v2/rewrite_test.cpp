#include "engine/formats/hl7v2/rewrite.h"

#include <catch2/catch.hpp>

namespace causeway::hl7v2 {
namespace {

std::string rewritten(std::string text, const Rewriting& rewriting) {
  auto message = Message::parse(make_bytes(std::move(text)));
  REQUIRE(message.ok());
  auto result = rewrite(*message, rewriting);
  return result ? *result : result.error().str();
}

TEST_CASE("a message is rewritten with other segment ends") {
  CHECK(rewritten("\nMSH|^~\\&|A\r\n\r\nPID|1", {{}, "\n"}) == "MSH|^~\\&|A\nPID|1\n");
  CHECK(rewritten("MSH|^~\\&|A\nPID|1\n", {{}, "\r"}) == "MSH|^~\\&|A\rPID|1\r");
}

TEST_CASE("a message is rewritten in other delimiters, values escaped anew") {
  const auto other = read_delimiters_text("$#*@!");
  REQUIRE(other.ok());
  CHECK(rewritten("MSH|^~\\&|A^B\rPID|a$\\T\\\\F\\|x~y&z\r", {*other, "\r"}) ==
        "MSH$#*@!$A#B\rPID$a@F@@T@@F@$x*y!z\r");
  CHECK_FALSE(read_delimiters_text("").ok());
  CHECK_FALSE(read_delimiters_text("||~\\&").ok());
  CHECK_FALSE(read_delimiters_text("A^~\\&").ok());
}

TEST_CASE("headers and trailers of batches are rewritten too") {
  const auto other = *read_delimiters_text("$#*@!");
  CHECK(*rewrite_envelope("BHS|^~\\&|A^B|C\r", {other, "\n"}) == "BHS$#*@!$A#B$C\n");
  CHECK(*rewrite_envelope("BTS|2|a\r\n", {other, "\n"}) == "BTS$2$a\n");
  CHECK(*rewrite_envelope("BTS|2", {{}, "\r"}) == "BTS|2\r");
  CHECK(*rewrite_envelope("FTS", {other, "\r"}) == "FTS\r");
  CHECK_FALSE(rewrite_envelope("BHS|AAAA|x", {other, "\r"}).ok());
}

}  // namespace
}  // namespace causeway::hl7v2
