#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {
namespace {

const SystemTime noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) +
                        std::chrono::hours(12) + std::chrono::milliseconds(7);

std::string made(std::string_view message, AckRequest request) {
  request.control_id = "C1";
  request.at = noon;
  return acknowledge(message, request);
}

TEST_CASE("an answer in UTF-16 or UTF-32 is read") {
  for (const std::size_t width : {2, 4}) {
    std::string wide;
    for (char c : std::string("MSH|^~\\&|||||||ACK|9|P|2.5\rMSA|AE|42|no\r"))
      wide.append(width - 1, '\0').push_back(c);
    const auto ack = read_ack(wide);
    REQUIRE(ack.ok());
    CHECK(ack->code == AckCode::AE);
    CHECK(ack->control_id == "42");
    CHECK(ack->text == "no");
  }
}

TEST_CASE("an acceptance swaps the parties and keeps delimiters, version and character set") {
  CHECK(
      made("MSH|^~\\&|LAB|H|EMR|C|20260101||ADT^A01^ADT_A01|42|T|2.5.1||||||8859/1\rPID|1\r", {}) ==
      "MSH|^~\\&|EMR|C|LAB|H|20261124120000.007+0000||ACK^A01^ACK|C1|T|2.5.1||||||8859/1\r"
      "MSA|AA|42\r");
  CHECK(made("MSH$%~\\&$LAB$$EMR$$$$ADT%A01$4|2$P$2.3\rPID$1\r", {}) ==
        "MSH$%~\\&$EMR$$LAB$$20261124120000.007+0000$$ACK%A01$C1$P$2.3\rMSA$AA$4|2\r");
  CHECK(made("MSH|^~\\&|||||||ADT|1|P|2.1\r", {}) ==
        "MSH|^~\\&|||||20261124120000.007+0000||ACK|C1|P|2.1\rMSA|AA|1\r");
}

AckRequest failure(AckCode code, std::string_view text, std::string_view error_code) {
  AckRequest request;
  request.code = code;
  request.text = text;
  request.error_code = error_code;
  return request;
}

TEST_CASE("a failure says why in the words of the sender's version") {
  auto of = [](std::string version, AckRequest request) {
    auto ack = made("MSH|^~\\&|||||||ADT^A01|1|P|" + version + "\r", request);
    return ack.substr(ack.find("\rMSA") + 1);
  };
  auto request = failure(AckCode::AR, "no|such type", "200");
  CHECK(of("2.1", request) == "MSA|AR|1|no\\F\\such type\r");
  CHECK(of("2.3", request) == "MSA|AR|1|no\\F\\such type|||200^Unsupported message type^HL70357\r");
  CHECK(of("2.5", request) ==
        "MSA|AR|1|no\\F\\such type\rERR|||200^Unsupported message "
        "type^HL70357|E||||no\\F\\such type\r");
  CHECK(of("2.8", request) ==
        "MSA|AR|1\rERR|||200^Unsupported message type^HL70357|E||||no\\F\\such type\r");
  CHECK(of("2.5", failure(AckCode::AE, "", "")) ==
        "MSA|AE|1\rERR|||207^Application internal error^HL70357|E\r");
}

TEST_CASE("long text is cut between characters, and kept to the sender's character set") {
  std::string text(79, 'x');
  text += "\xC3\xA4";
  auto latin = made("MSH|^~\\&|||||||ADT|1|P|2.3\r", failure(AckCode::AA, text, ""));
  CHECK(read_ack(latin)->text == std::string(79, 'x'));
  auto request = failure(AckCode::AA, "\xC3\xA4\rb", "");
  CHECK(read_ack(made("MSH|^~\\&|||||||ADT|1|P|2.3\r", request))->text == "? b");
  CHECK(read_ack(made("MSH|^~\\&|||||||ADT|1|P|2.3||||||UNICODE UTF-8\r", request))->text ==
        "\xC3\xA4 b");
}

Finding finding(const char* text, Location location, Level level = Level::Reject) {
  Finding made;
  made.rule_class = RuleClass::Usage;
  made.rule = "field-missing";
  made.level = level;
  made.location = std::move(location);
  made.text = text;
  return made;
}

TEST_CASE("what validation found is named with its place") {
  auto of = [](std::string version) {
    auto request = failure(AckCode::AE, "", "");
    request.findings = {finding("no identifier", {"PID", 1, 3, 2, 4, 1}),
                        finding("a^b", {"OBX", 3, 5, 0, 0, 0}, Level::Warn), finding("odd", {})};
    auto ack = made("MSH|^~\\&|||||||ADT^A01|1|P|" + version + "\r", request);
    return ack.substr(ack.find("\rMSA") + 1);
  };
  CHECK(of("2.5.1") ==
        "MSA|AE|1\r"
        "ERR||PID^1^3^2^4^1|101^Required field missing^HL70357|E||||no identifier\r"
        "ERR||OBX^3^5^1|101^Required field missing^HL70357|W||||a\\S\\b\r"
        "ERR|||101^Required field missing^HL70357|E||||odd\r");
  CHECK(of("2.3") ==
        "MSA|AE|1||||101^Required field missing^HL70357\r"
        "ERR|PID^1^3^101&Required field missing&HL70357~OBX^3^5^101&Required field "
        "missing&HL70357~^0^0^101&Required field missing&HL70357\r");
  CHECK(of("2.1") == "MSA|AE|1\r");
}

TEST_CASE("our texts are in the sender's character set") {
  auto text = [](std::string set) {
    auto ack = made("MSH|^~\\&|||||||ADT|1|P|2.3||||||" + set + "\r",
                    failure(AckCode::AE, "fü\xE2\x82\xAC", ""));
    return read_ack(ack)->text;
  };
  CHECK(text("8859/1") == "f\xFC?");
  CHECK(text("8859/15") == "f\xFC\xA4");
  CHECK(text("KLINGON") == "f??");
}

TEST_CASE("enhanced mode: what is not wanted is not sent") {
  auto sent = [](std::string conditions, AckCode code) {
    AckRequest request;
    request.code = code;
    return !made("MSH|^~\\&|||||||ADT|1|P|2.5|||" + conditions + "\r", request).empty();
  };
  CHECK(sent("AL|NE", AckCode::CA));
  CHECK_FALSE(sent("AL|NE", AckCode::AA));
  CHECK_FALSE(sent("NE|AL", AckCode::CR));
  CHECK(sent("NE|AL", AckCode::AE));
  CHECK_FALSE(sent("ER|AL", AckCode::CA));
  CHECK(sent("ER|AL", AckCode::CE));
  CHECK(sent("AL|SU", AckCode::AA));
  CHECK_FALSE(sent("AL|SU", AckCode::AE));
  CHECK(sent("|", AckCode::AE));
}

TEST_CASE("what has no header gets an answer all the same") {
  auto ack = made("garbage", failure(AckCode::AR, "no MSH", ""));
  CHECK(ack ==
        "MSH|^~\\&|||||20261124120000.007+0000||ACK|C1|P|2.5\rMSA|AR||no MSH\r"
        "ERR|||207^Application internal error^HL70357|E||||no MSH\r");
  CHECK(made("MSH|^~\\&", {}).find("\rMSA|AA|\r") != std::string::npos);
  CHECK(made("MSH|^~\\&\rPID|1", {}).starts_with("MSH|^~\\&|||||2026"));
}

TEST_CASE("an answer is read") {
  auto ack = read_ack("MSH|^~\\&|||||||ACK|9|P|2.5\nMSA|CE|42|a\\T\\b\n");
  REQUIRE(ack.ok());
  CHECK(ack->code == AckCode::CE);
  CHECK(ack->control_id == "42");
  CHECK(ack->text == "a&b");
  CHECK(read_ack("MSH|^~\\&\rMSA|AA\r")->control_id.empty());
  CHECK(read_ack("MSH|^~\\&\rMSA|AE|1\rERR|||1|E||||why\r")->text == "why");
}

TEST_CASE("what is no answer is refused, saying what is missing") {
  CHECK(read_ack("").error().place == "MSH");
  CHECK(read_ack("HTTP/1.1 400").error().place == "MSH");
  CHECK(read_ack("MSH|^~\\&|A\r").error().place == "MSA");
  CHECK(read_ack("MSH|^~\\&|A\rMSA\r").error().kind == ErrorKind::Invalid);
  CHECK(read_ack("MSH|^~\\&|A\rMSA|OK|1\r").error().place == "MSA-1");
  CHECK(read_ack("MSH|^~\\&|A\rMSA|aa|1\r").error().place == "MSA-1");
}

}  // namespace
}  // namespace causeway::hl7v2
