// What the model can do besides reading and setting: presence, wildcards, copies, messages made
// from nothing, groups, and character sets whose bytes look like delimiters.
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

TEST_CASE("null, empty and absent are told apart") {
  auto message = parse("MSH|^~\\&|A\rPID|1||\"\"|a^\"\"\r");
  CHECK(message.presence(at("PID-1")) == Presence::Valued);
  CHECK(message.presence(at("PID-2")) == Presence::Empty);
  CHECK(message.presence(at("PID-3")) == Presence::Null);
  CHECK(message.presence(at("PID-4.2")) == Presence::Null);
  CHECK(message.presence(at("PID-4.3")) == Presence::Absent);
  CHECK(message.presence(at("PID-5")) == Presence::Absent);
  CHECK(message.presence(at("PV1-5")) == Presence::Absent);
  CHECK(message.get(at("PID-3")) == "\"\"");
}

TEST_CASE("setting what is there already changes nothing, however it is written") {
  auto bytes = make_bytes("MSH|^~\\&|A\rNTE|1||\\X41\\b\\H\\c\\.sp2\\|x~y\r");
  auto message = *Message::parse(bytes);
  REQUIRE(message.set(at("NTE-3"), message.get(at("NTE-3"))).ok());
  CHECK(message.bytes() == bytes);
  REQUIRE(message.set(at("NTE-4"), "x").ok());  // the whole field, so the second goes
  CHECK(message.segment_text(1) == "NTE|1||\\X41\\b\\H\\c\\.sp2\\|x");
}

TEST_CASE("the truncation character of 2.7 is a delimiter of its own") {
  auto message = parse("MSH|^~\\&#|A\rNTE|1||cut#|a\\P\\b\r");
  CHECK(message.delimiters().truncation == '#');
  CHECK(message.is_truncated(at("NTE-3")));
  CHECK_FALSE(message.is_truncated(at("NTE-4")));
  CHECK(message.get(at("NTE-4")) == "a#b");
  REQUIRE(message.set(at("NTE-3"), "room #3").ok());
  CHECK(message.raw(at("NTE-3")) == "room \\P\\3");
  CHECK(parse("MSH|^~\\&|A\rNTE|1||a\\P\\b\r").get(at("NTE-3")) == "a\\P\\b");
}

TEST_CASE("a wildcard gives every place, in order") {
  auto message = parse("MSH|^~\\&|A\rOBX|1||||a~b\rNTE|1\rOBX|2\rOBX|3||||c^d\r");
  std::string seen;
  for (const auto& match : message.matches(at("OBX[*]-5[*].1")))
    seen += to_string(match.path) + "=" + std::string(match.raw) + " ";
  CHECK(seen == "OBX[1]-5[1].1=a OBX[1]-5[2].1=b OBX[3]-5[1].1=c ");
  CHECK(message.matches(at("OBX[*]-5.2")).size() == 1);
  CHECK(message.matches(at("OBX[*]-1")).at(1).segment == 3);
  CHECK(message.matches(at("MSH-2[*]")).at(0).raw == "^~\\&");
  CHECK(message.matches(at("PID[*]-3")).empty());
  CHECK(message.get(at("OBX[*]-5")) == "a");
  CHECK(message.set(at("OBX[*]-5"), "x").error().kind == ErrorKind::Invalid);
  CHECK(message.set(at("OBX-5[*]"), "x").error().kind == ErrorKind::Invalid);
}

TEST_CASE("segments are copied into the other message's delimiters") {
  auto from = parse("MSH|^~\\&|A\rPID|1||7^^^H&1~8|50$\\F\\\\H\\x\\X0D\\|C:\\dir\r");
  auto to = parse("MSH$%*!@$B\n");
  REQUIRE(to.insert_copy(1, from, 1).ok());
  CHECK(to.segment_text(1) == "PID$1$$7%%%H@1*8$50!F!!F!!H!x!X0D!$C:\\dir");
  CHECK(to.get(at("PID-4")) == "50$$!H!x\r");
  REQUIRE(from.insert_copy(2, from, 1).ok());
  CHECK(from.segment_text(2) == from.segment_text(1));
  CHECK(from.insert_copy(1, from, 9).error().kind == ErrorKind::NotFound);
  auto bare = parse("MSH|^~\\|B\r");
  bare = parse("MSH^~&^B\r");
  CHECK(bare.insert_copy(1, from, 1).error().place == "MSH-2");
  CHECK(*in_delimiters("MSH|^~\\&|A|B^C", from.delimiters(), to.delimiters()) == "MSH$%*!@$A$B%C");
}

TEST_CASE("a message is built from nothing") {
  auto message = make_message(
      {.type = "ADT^A01^ADT_A01", .version = "2.5.1", .control_id = "42", .timestamp = "20260101"});
  REQUIRE(message.ok());
  REQUIRE(message->append_segment("PID|1").ok());
  REQUIRE(message->set(at("PID-5.2"), "Ann").ok());
  CHECK(*message->bytes() == "MSH|^~\\&|||||20260101||ADT^A01^ADT_A01|42|P|2.5.1\rPID|1||||^Ann\r");
  CHECK(make_message({.type = "A\rB", .version = {}, .control_id = {}, .timestamp = {}})
            .error()
            .place == "MSH-9");
}

/// As if ORC and what follows it up to the next were a group.
struct OrderGroups final : GroupFinder {
  GroupPlaces groups_of(const Message& message) const override {
    GroupPlaces places{{"MESSAGE", 1, 0, message.all_segments()}};
    for (std::size_t i = 0; i < message.segment_count(); ++i) {
      if (message.segment_name(i) != "ORC") continue;
      if (places.size() > 1) places.back().range.end = i;
      places.push_back(
          {"ORDER", static_cast<std::uint32_t>(places.size()), 0, {i, message.segment_count()}});
    }
    return places;
  }
};

TEST_CASE("a path may lead through groups") {
  auto message = parse("MSH|^~\\&|A\rORC|1\rOBX|1\rORC|2\rOBX|2\rOBX|3\r");
  CHECK(message.get(at("ORDER[2]/OBX-1")).empty());
  message.use_groups(std::make_shared<OrderGroups>());
  CHECK(message.get(at("ORDER[2]/OBX-1")) == "2");
  CHECK(message.get(at("ORDER[2]/OBX[2]-1")) == "3");
  CHECK(message.get(at("ORDER/OBX[2]-1")).empty());
  CHECK(message.matches(at("ORDER[2]/OBX[*]-1")).size() == 2);
  const auto all = message.matches(at("ORDER[*]/OBX[*]-1"));
  REQUIRE(all.size() == 3);
  CHECK(to_string(all[0].path) == "ORDER[1]/OBX[1]-1");
  CHECK(to_string(all[2].path) == "ORDER[2]/OBX[2]-1");
  CHECK(all[2].raw == "3");
  CHECK(message.matches(at("ORDER[*]/OBX[2]-1")).size() == 1);
  CHECK(message.matches(at("OTHER[*]/OBX-1")).empty());
  CHECK(message.set(at("ORDER[*]/OBX-1"), "x").error().kind == ErrorKind::Invalid);
  REQUIRE(message.set(at("ORDER[2]/OBX[2]-1"), "x").ok());
  CHECK(message.segment_text(5) == "OBX|x");
  CHECK(message.set(at("OTHER/OBX-1"), "x").error().kind == ErrorKind::NotFound);
  CHECK_FALSE(peek(*message.bytes(), at("ORDER/OBX-1")));
}

TEST_CASE("a byte of a longer character is no delimiter") {
  // Big5: A5 5C ends in the escape character, B3 5C too, A6 7C in the field separator.
  std::string text =
      "MSH|^~\\&|A||||||ADT|1|P|2.5||||||BIG-5\r"
      "PID|1||\xA6|\xA6||\xB3\x5C^\xA5\x5C|x\r";
  auto message = parse(text);
  CHECK(message.raw(at("PID-3")) == "\xA6\x7C\xA6\x7C");
  CHECK(message.get(at("PID-4.1")) == "\xB3\x5C");
  CHECK(message.get(at("PID-4.2")) == "\xA5\x5C");
  CHECK(message.get(at("PID-5")) == "x");
  CHECK(peek(text, at("PID-5")) == "x");
  CHECK(peek_all(text, at("PID-4.2"), 9) == std::vector<std::string_view>{"\xA5\x5C"});
  REQUIRE(message.set(at("PID-5"), "\xA5\x5C|").ok());
  CHECK(message.raw(at("PID-5")) == "\xA5\x5C\\F\\");
  CHECK(message.get(at("PID-5")) == "\xA5\x5C|");
  CHECK(message.get(at("PID-4.2")) == "\xA5\x5C");

  // ISO-2022-JP: the second byte of a character of JIS X 0208 may be any delimiter.
  text = "MSH|^~\\&|A||||||ADT|1|P|2.5||||||~ISO IR87\rPID|1||\x1B$B;3|^~~B@O:\x1B(B^x|y\r";
  message = parse(text);
  CHECK(message.raw(at("PID-3.1")) == "\x1B$B;3|^~~B@O:\x1B(B");
  CHECK(message.get(at("PID-3.2")) == "x");
  CHECK(message.get(at("PID-4")) == "y");
  CHECK(*message.bytes() == text);
}

TEST_CASE("a set given from outside overrules MSH-18") {
  std::string text = "MSH|^~\\&|A\rPID|\xA5\x5C|x\r";
  CHECK(parse(text).get(at("PID-1")) == "\xA5\\");
  auto message = *Message::parse(make_bytes(text), encoding::find_character_set("big5"));
  CHECK(message.get(at("PID-2")) == "x");
}

TEST_CASE("blanks and what framing leaves behind may stand before MSH, and are kept") {
  std::string text = " \t\v\r\nMSH|^~\\&|A\rPID|1\r";
  auto message = parse(text);
  CHECK(message.get(at("MSH-3")) == "A");
  REQUIRE(message.set(at("PID-1"), "2").ok());
  CHECK(*message.bytes() == " \t\v\r\nMSH|^~\\&|A\rPID|2\r");
}

TEST_CASE("UTF-16 and UTF-32 are named in the refusal") {
  std::string text("\xFF\xFEM\0S\0H\0|\0", 10);
  CHECK(peek_header(text).error().text.find("UTF-16") != std::string::npos);
  CHECK_FALSE(Message::parse(make_bytes(text)).ok());
}

TEST_CASE("plain text leaves out what only says how to print") {
  CHECK(plain_text("a\\H\\b\\N\\c\\.br\\d\\.sp\\e\\F\\\\Zx\\", {}) == "abc\nd\ne|\\Zx\\");
}

}  // namespace
}  // namespace causeway::hl7v2
