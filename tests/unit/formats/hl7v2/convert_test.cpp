#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/formats/hl7v2/convert.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {
namespace {

using encoding::find_character_set;
using namespace std::string_view_literals;

Converted convert(std::string_view text, const char* to, const char* from = nullptr) {
  auto converted =
      convert_message(make_bytes(std::string(text)),
                      {from ? find_character_set(from) : nullptr, find_character_set(to)});
  REQUIRE(converted.ok());
  return *converted;
}

constexpr std::string_view latin =
    "MSH|^~\\&|A||||||ADT|1|P|2.5||||||8859/1\rPID|1||||M\xFCller\r\n";

TEST_CASE("a message is converted, and says so in MSH-18") {
  auto utf8 = convert(latin, "UTF-8");
  CHECK(*utf8.bytes == "MSH|^~\\&|A||||||ADT|1|P|2.5||||||UNICODE UTF-8\rPID|1||||Müller\r\n");
  CHECK(utf8.losses.none());
  CHECK(*convert(*utf8.bytes, "8859/1").bytes == latin);
  CHECK(*convert("MSH|^~\\&|A\r", "8859/15").bytes == "MSH|^~\\&|A|||||||||||||||8859/15\r");
  auto ascii = convert("MSH|^~\\&|A\r", "ASCII");
  CHECK(*ascii.bytes == "MSH|^~\\&|A\r");
}

TEST_CASE("a feed that declares what it doesn't send is read as the channel says") {
  auto utf8 = convert("MSH|^~\\&|A\rPID|1||||M\xFCller\r", "UTF-8", "windows-1252");
  CHECK(utf8.bytes->find("Müller") != std::string::npos);
  CHECK(utf8.losses.none());
}

TEST_CASE("what is lost is kept as bytes, counted, and told") {
  auto lost = convert("MSH|^~\\&|A\rPID|1||||M\xFCller\r", "UTF-8");
  CHECK(lost.bytes->find("|M\\XFC\\ller\r") != std::string::npos);
  CHECK(lost.losses.undecodable == 1);
  CHECK(lost.first_loss == "PID, segment 2");
  lost = convert("MSH|^~\\&|A|||||||||||||||UNICODE UTF-8\rNTE|1||10 €\r", "8859/1");
  CHECK(lost.bytes->find("|10 \\XE282AC\\\r") != std::string::npos);
  CHECK(lost.losses.unmappable == 1);
}

TEST_CASE("delimiters stay delimiters in sets whose bytes look like them") {
  auto big5 = convert("MSH|^~\\&|A|||||||||||||||UNICODE UTF-8\rPID|許功蓋^蓋|x\r", "BIG-5");
  auto message = Message::parse(big5.bytes);
  CHECK(message->get(*parse_path("PID-1.2")) == "\xBB\x5C");
  CHECK(message->get(*parse_path("PID-2")) == "x");
  CHECK(convert(*big5.bytes, "UTF-8").bytes->find("PID|許功蓋^蓋|x\r") != std::string::npos);
  auto japanese = convert("MSH|^~\\&|A|||||||||||||||UNICODE UTF-8\rPID|山田^太郎|x\r", "ISO IR87");
  CHECK(japanese.bytes->find("|~ISO IR87\rPID|\x1B$B") != std::string::npos);
  CHECK(japanese.bytes->find("\x1B(B^\x1B$B") != std::string::npos);
  CHECK(convert(*japanese.bytes, "UTF-8").bytes->find("PID|山田^太郎|x\r") != std::string::npos);
}

TEST_CASE("UTF-16 and UTF-32 come and go") {
  for (auto set : {"UNICODE UTF-16", "UNICODE UTF-32"}) {
    auto wide = convert(latin, set);
    CHECK(encoding::wide_character_set(*wide.bytes));
    CHECK_FALSE(peek_header(*wide.bytes));
    CHECK(*convert(*wide.bytes, "8859/1").bytes == latin);
    AckRequest request;
    request.control_id = "C";
    request.text = "ü";
    auto answer = acknowledge(*wide.bytes, request);
    auto narrow = narrowed(answer);
    REQUIRE(narrow);
    CHECK(read_ack(*narrow)->control_id == "1");
    CHECK(read_ack(*narrow)->text == "ü");
  }
}

TEST_CASE("what can't be converted is refused, saying why") {
  auto refused = [](std::string_view text) {
    return convert_message(make_bytes(std::string(text)), {nullptr, &encoding::utf8()}).error();
  };
  CHECK(refused("garbage").place == "MSH");
  CHECK(refused("MSH|^~\\&|A|||||||||||||||KLINGON\r").place == "MSH-18");
  CHECK(refused("MSH|^~\\&|A|||||||||||||||UNICODE UTF-16\r").place == "MSH-18");
}

}  // namespace
}  // namespace causeway::hl7v2
