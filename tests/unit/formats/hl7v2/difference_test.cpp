#include "engine/formats/hl7v2/difference.h"

#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/grammar/message_structure.h"

namespace causeway::hl7v2 {
namespace {

Message read(std::string text) {
  auto message = Message::parse(make_bytes(std::move(text)));
  REQUIRE(message.ok());
  message->use_groups(structure_groups());
  return *message;
}

/// "PID-5.1:A>B -ZZZ +OBX[2]"
std::string drawn(const Message& before, const Message& after,
                  const DifferenceOptions& options = {}) {
  std::string text;
  for (const auto& difference : differences(before, after, options)) {
    if (!text.empty()) text += ' ';
    if (difference.kind == Difference::Kind::SegmentAdded)
      text += "+" + to_string(difference.after);
    else if (difference.kind == Difference::Kind::SegmentRemoved)
      text += "-" + to_string(difference.before);
    else
      text +=
          to_string(difference.before) + ":" + difference.text_before + ">" + difference.text_after;
  }
  return text;
}

const std::string head = "MSH|^~\\&|A||||1||ORU^R01^ORU_R01|1|P|2.5.1\r";

TEST_CASE("what is written otherwise is no difference") {
  CHECK(drawn(read(head + "PID|1||a^b\r"), read(head + "PID|1||a^b^^|~|\r\n")).empty());
  CHECK(drawn(read("MSH|^~\\&|A\rPID|a\\X42\\\r"), read("MSH|^~\\&|A\rPID|aB\r")).empty());
  CHECK(drawn(read("MSH|^~\\&|A^B\r"), read("MSH|#~\\&|A#B\r")) == "MSH-2:^~\\&>#~\\&");
  CHECK(drawn(read(head + "PID|\"\"\r"), read(head + "PID|\r")) == "PID-1:\"\">");
}

TEST_CASE("values differ by themselves, at their own depth") {
  CHECK(drawn(read(head + "PID|||a^b~c\r"), read(head + "PID|||a^x~c^d\r")) ==
        "PID-3[1].2:b>x PID-3[2].2:>d");
  CHECK(drawn(read(head + "PID|||a\r"), read(head + "PID|||a&b\r")) == "PID-3.1.2:>b");
  DifferenceOptions raw;
  raw.raw = true;
  CHECK(drawn(read(head + "PID|a\\X42\\\r"), read(head + "PID|aB\r"), raw) == "PID-1:a\\X42\\>aB");
}

TEST_CASE("a segment that is put in or left out makes no other differ") {
  const auto some = read(head + "PID|1\rOBR|1\rOBX|1|ST|a||1\rOBX|2|ST|b||2\rOBX|3|ST|c||3\r");
  CHECK(drawn(some, read(head + "PID|1\rOBR|1\rOBX|2|ST|b||2\rOBX|3|ST|c||3\r")) == "-OBX");
  CHECK(drawn(some, read(head + "PID|1\rZPI|1\rOBR|1\rOBX|1|ST|a||1\rOBX|2|ST|b||2\r"
                                "NTE|1\rOBX|3|ST|c||4\r")) == "+ZPI +NTE OBX[3]-5:3>4");
  CHECK(drawn(some, read("MSH|^~\\&|B\r")) ==
        "MSH-3:A>B MSH-7:1> MSH-9.1:ORU> MSH-9.2:R01> MSH-9.3:ORU_R01> MSH-10:1> MSH-11:P> "
        "MSH-12:2.5.1> -PID -OBR -OBX -OBX[2] -OBX[3]");
}

TEST_CASE("what is to be ignored is left out") {
  const auto before = read(head + "PID|1||a^b~c\rOBR|1\rOBX|1||||x\rOBR|2\rOBX|1||||y\rZZZ|1\r");
  const auto after = read(head + "PID|1||d^e~f\rOBR|1\rOBX|1||||1\rOBR|2\rOBX|1||||2\r");
  const auto ignoring = [&](std::vector<const char*> paths) {
    DifferenceOptions options;
    for (const auto* path : paths) options.ignored.push_back(*parse_path(path));
    return drawn(before, after, options);
  };
  CHECK(ignoring({"PID", "OBX"}) == "-ZZZ");
  CHECK(ignoring({"PID-3", "OBX-5", "ZZZ"}).empty());
  CHECK(ignoring({"PID-3.1", "OBX[2]-5", "ZZZ"}) == "PID-3[1].2:b>e OBX-5:x>1");
  CHECK(ignoring({"PID-3[2]", "OBX", "ZZZ"}) == "PID-3[1].1:a>d PID-3[1].2:b>e");
  CHECK(ignoring({"PID", "ORDER_OBSERVATION[1]/OBX-5", "ZZZ"}) == "OBX[2]-5:y>2");
  CHECK(ignoring({"PID", "ORDER_OBSERVATION/OBX-5", "ZZZ"}).empty());
}

TEST_CASE("messages too long to be weighed are paired by name and number") {
  std::string before = head, after = head;
  for (int i = 0; i < 2000; ++i) {
    before += "OBX|" + std::to_string(i) + "\r";
    after += (i == 7 ? "NTE|7\r" : "") + std::string("OBX|") + std::to_string(i) + "x\r";
  }
  const auto found = differences(read(before), read(after), {});
  CHECK(found.size() == 2001);
  CHECK(found.front().text_after == "0x");
}

}  // namespace
}  // namespace causeway::hl7v2
