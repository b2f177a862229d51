#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {
namespace {

Message parse(std::string text) {
  auto message = Message::parse(make_bytes(std::move(text)));
  REQUIRE(message.ok());
  return std::move(message).value();
}

Path at(const char* path) {
  return *parse_path(path);
}

TEST_CASE("what is not edited leaves as it came, whatever its line ends") {
  for (auto text :
       {"MSH|^~\\&|A\rPID|1\r", "MSH|^~\\&|A\nPID|1\n", "MSH|^~\\&|A\r\nPID|1\r\n\r\n",
        "\xEF\xBB\xBF\r\nMSH|^~\\&|A\r\rPID|1\nPV1|1", "MSH|^~\\&", "MSH$%*!@$A\rgarbage\r \r"}) {
    auto bytes = make_bytes(text);
    auto message = Message::parse(bytes);
    REQUIRE(message.ok());
    CHECK(message->bytes() == bytes);  // the very same, not a copy
    CHECK_FALSE(message->edited());
  }
}

TEST_CASE("a message is read by path") {
  auto message = parse("MSH|^~\\&|A\nPID|1||7^^^H~8|\nNTE|1||a\\T\\b\\X0D0A\\c\\.br\\d\\H\\e\n");
  CHECK(message.segment_count() == 3);
  CHECK(message.segment_name(1) == "PID");
  CHECK(message.segment_text(1) == "PID|1||7^^^H~8|");
  CHECK(message.find_segment("NTE") == 2u);
  CHECK_FALSE(message.find_segment("NTE", 2));
  CHECK(message.count_segments("PID") == 1);
  CHECK(message.get(at("PID-3.4")) == "H");
  CHECK(message.get(at("PID-9")).empty());
  CHECK(message.raw(at("NTE-3")) == "a\\T\\b\\X0D0A\\c\\.br\\d\\H\\e");
  CHECK(message.get(at("NTE-3")) == "a&b\r\nc\nd\\H\\e");
  CHECK(message.get(at("MSH-2")) == "^~\\&");
  CHECK(message.count_repetitions(at("PID-3")) == 2);
  CHECK(message.count_repetitions(at("PID-2")) == 0);
  CHECK(message.count_repetitions(at("MSH-2")) == 1);
}

std::string after(const char* segment, const char* path, std::string_view value) {
  auto message = parse(std::string("MSH|^~\\&|A\r") + segment + "\r");
  auto done = message.set(at(path), value);
  REQUIRE(done.ok());
  CHECK(message.get(at(path)) == value);
  return std::string(message.segment_text(1));
}

TEST_CASE("setting a value changes that place and nothing else") {
  CHECK(after("PID|1||7^^^H~8|x", "PID-3.1", "9") == "PID|1||9^^^H~8|x");
  CHECK(after("PID|1||7^^^H~8|x", "PID-3[2].1", "9") == "PID|1||7^^^H~9|x");
  CHECK(after("PID|1||7^^^H~8|x", "PID-3", "9") == "PID|1||9|x");
  CHECK(after("PID|1||7^^^H~8|x", "PID-3[1]", "9") == "PID|1||9~8|x");
  CHECK(after("PID|1||7^^^H&1&2~8|x", "PID-3.4.2", "9") == "PID|1||7^^^H&9&2~8|x");
  CHECK(after("PID|1||7^^^H~8|x", "PID-3.4", "") == "PID|1||7^^^~8|x");
}

TEST_CASE("what is missing on the way is made") {
  CHECK(after("PID|1", "PID-3", "9") == "PID|1||9");
  CHECK(after("PID", "PID-2", "9") == "PID||9");
  CHECK(after("PID|1||7|x", "PID-3.3", "9") == "PID|1||7^^9|x");
  CHECK(after("PID|1||7|x", "PID-3[3].2.2", "9") == "PID|1||7~~^&9|x");
  CHECK(after("PID|1||7|x", "PID-3.1.2", "9") == "PID|1||7&9|x");
  CHECK(after("PID|1", "PID-5.2", "9") == "PID|1||||^9");
  CHECK(after("PID|1", "PID-5.2", "") == "PID|1");
}

TEST_CASE("delimiters in a value are escaped, in the message's own") {
  CHECK(after("NTE|1", "NTE-3", "a|b^c~d&e\\f\rg\nh") ==
        "NTE|1||a\\F\\b\\S\\c\\R\\d\\T\\e\\E\\f\\X0D\\g\\.br\\h");
  auto message = parse("MSH$%*!@$A\rNTE$1\r");
  REQUIRE(message.set(at("NTE-3"), "a|b$c%d!").ok());
  CHECK(message.segment_text(1) == "NTE$1$$a|b!F!c!S!d!E!");
  CHECK(message.get(at("NTE-3")) == "a|b$c%d!");
}

TEST_CASE("fields of MSH are counted from the separator, and the delimiters stay") {
  auto message = parse("MSH|^~\\&|A|B\r");
  REQUIRE(message.set(at("MSH-3"), "LAB").ok());
  REQUIRE(message.set(at("MSH-6"), "X").ok());
  CHECK(*message.bytes() == "MSH|^~\\&|LAB|B||X\r");
  for (auto path : {"MSH-1", "MSH-2", "MSH-2.1"})
    CHECK(message.set(at(path), "x").error().kind == ErrorKind::Invalid);
}

TEST_CASE("an edit that can't be made is refused and changes nothing") {
  auto message = parse("MSH|^~\\&|A\r");
  CHECK(message.set(at("PID-3"), "x").error().kind == ErrorKind::NotFound);
  CHECK(message.set(at("MSH"), "x").error().kind == ErrorKind::Invalid);
  CHECK(message.set_raw(at("MSH-3"), "a\rPID|1").error().kind == ErrorKind::Invalid);
  CHECK(message.set(Path{"MSH", 0, 4001, 0, 0, 0}, "x").error().kind == ErrorKind::Limit);
  CHECK(message.set(Path{"MSH", 0, 3, 4001, 0, 0}, "x").error().kind == ErrorKind::Limit);
  CHECK_FALSE(message.edited());

  auto bare = parse("MSH^~&\\^A");  // & repeats, so \ escapes; and no subcomponents
  CHECK(bare.set(Path{"MSH", 0, 3, 0, 1, 2}, "x").error().kind == ErrorKind::Invalid);
}

TEST_CASE("set_raw writes structure") {
  auto message = parse("MSH|^~\\&|A\rPID|1\r");
  REQUIRE(message.set_raw(at("PID-3"), "7^^^H~8").ok());
  CHECK(message.get(at("PID-3[2]")) == "8");
}

TEST_CASE("a value may be a view of the message that it is written to") {
  auto message = parse("MSH|^~\\&|A\rPID|1\rPV1|1\rNTE|1\r");
  REQUIRE(message.set(at("PID-2"), "x").ok());
  REQUIRE(message.set_raw(at("PV1-2"), message.raw(at("PID-2"))).ok());
  REQUIRE(message.set_raw(at("NTE-2"), message.raw(at("PV1-2"))).ok());
  REQUIRE(message.append_segment(message.segment_text(3)).ok());
  CHECK(*message.bytes() == "MSH|^~\\&|A\rPID|1|x\rPV1|1|x\rNTE|1|x\rNTE|1|x\r");
}

TEST_CASE("segments are added and removed with the message's own ends") {
  auto message = parse("MSH|^~\\&|A\nPID|1\n\nPV1|1");
  REQUIRE(message.append_segment("ZPI|1|x").ok());
  CHECK(*message.bytes() == "MSH|^~\\&|A\nPID|1\n\nPV1|1\nZPI|1|x\n");
  REQUIRE(message.insert_segment(2, "NTE|1").ok());
  REQUIRE(message.set(at("NTE-3"), "hi").ok());
  REQUIRE(message.remove_segment(3).ok());
  CHECK(*message.bytes() == "MSH|^~\\&|A\nPID|1\n\nNTE|1||hi\nZPI|1|x\n");
  CHECK(message.remove_segment(0).error().kind == ErrorKind::Invalid);
  CHECK(message.remove_segment(4).error().kind == ErrorKind::NotFound);
  CHECK(message.insert_segment(0, "NTE|1").error().kind == ErrorKind::Invalid);
  CHECK(message.insert_segment(9, "NTE|1").error().kind == ErrorKind::NotFound);
  for (auto text : {"", "Z", "zpi|1", "ZPIX|1", "ZPI^1", "ZPI|1\rZPJ|1"})
    CHECK(message.append_segment(text).error().kind == ErrorKind::Invalid);
}

TEST_CASE("copies are independent") {
  auto message = parse("MSH|^~\\&|A\r");
  auto copy = message;
  REQUIRE(copy.set(at("MSH-3"), "B").ok());
  CHECK(message.get(at("MSH-3")) == "A");
  CHECK(copy.get(at("MSH-3")) == "B");
}

TEST_CASE("more segments than the limit are refused") {
  std::string text = "MSH|^~\\&|A\r";
  for (std::size_t i = 1; i < segments_max; ++i) text += "Z\r";
  CHECK(Message::parse(make_bytes(text)).ok());
  CHECK(Message::parse(make_bytes(text + "Z\r")).error().kind == ErrorKind::Limit);
}

TEST_CASE("escaping keeps clear of unusual delimiters") {
  CHECK(escape("a\nb.c", Delimiters{'|', '.', '~', '\\', '&'}) == "a\\X0A\\b\\S\\c");
  CHECK(escape("a|b\rc&", Delimiters{'|', '^', '~', '\0', '\0'}) == "a b c&");
  auto message = parse("MSH|\\&|A\r");  // neither an escape character nor subcomponents
  CHECK(message.set(at("MSH-3"), "x|y").error().kind == ErrorKind::Invalid);
  CHECK(message.set(at("MSH-3"), "xy").ok());
}

TEST_CASE("unescaping leaves alone what is no escape sequence") {
  Delimiters usual;
  for (auto text : {"C:\\dir\\file", "\\", "\\\\", "a\\X\\b", "a\\X4G\\b", "\\H\\F\\N\\", "\\Zx\\"})
    CHECK(unescape(text, usual) == text);
  CHECK(unescape("C:\\dir\\F\\x", usual) == "C:\\dir|x");
  CHECK(unescape("\\E\\F\\E\\", usual) == "\\F\\");
  CHECK(unescape("\\X41\\\\X42\\", usual) == "AB");
}

}  // namespace
}  // namespace causeway::hl7v2
