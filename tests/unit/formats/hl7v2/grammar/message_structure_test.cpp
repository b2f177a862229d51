#include "engine/formats/hl7v2/grammar/message_structure.h"

#include <catch2/catch.hpp>

namespace causeway::hl7v2 {
namespace {

Message read(std::string text) {
  auto message = Message::parse(make_bytes(std::move(text)));
  REQUIRE(message.ok());
  message->use_groups(structure_groups());
  return *message;
}

Path at(std::string_view text) {
  return *parse_path(text);
}

const char* const results =
    "MSH|^~\\&|A||||||ORU^R01^ORU_R01|1|P|2.5.1\rPID|1\rOBR|1\rOBX|1||a\rOBX|2||b\rNTE|1\r"
    "OBR|2\rOBX|1||c\rZZZ|1\rOBX|2||d\r";

TEST_CASE("a path leads through the groups of the message's structure") {
  auto message = read(results);
  CHECK(message.get(at("ORDER_OBSERVATION[2]/OBX[1]-3")) == "c");
  CHECK(message.get(at("ORDER_OBSERVATION[2]/OBX[2]-3")) == "d");
  CHECK(message.get(at("PATIENT_RESULT/ORDER_OBSERVATION/OBSERVATION[2]/OBX-3")) == "b");
  CHECK(message.get(at("OBSERVATION[3]/OBX-3")) == "c");
  CHECK(message.get(at("OBSERVATION[3]/ZZZ-1")) == "1");
  CHECK(message.get(at("PATIENT/PID-1")) == "1");
  CHECK_FALSE(message.find_segment(at("ORDER_OBSERVATION[3]/OBX-3")));
  CHECK_FALSE(message.find_segment(at("ORDER_OBSERVATION[2]/OBX[3]-3")));
  CHECK_FALSE(message.find_segment(at("OBSERVATION/ORDER_OBSERVATION/OBX")));
  CHECK(message.matches(at("ORDER_OBSERVATION[*]/OBX[*]-3")).size() == 4);
  REQUIRE(message.set(at("ORDER_OBSERVATION[2]/OBX-3"), "new").ok());
  CHECK(message.get(at("OBX[3]-3")) == "new");
}

TEST_CASE("groups are those of the message as it now is") {
  auto message = read(results);
  CHECK(message.find_groups("ORDER_OBSERVATION", message.all_segments()).size() == 2);
  const auto copy = message;
  REQUIRE(message.insert_segment(2, "OBR|0").ok());
  CHECK(message.find_groups("ORDER_OBSERVATION", message.all_segments()).size() == 3);
  CHECK(copy.find_groups("ORDER_OBSERVATION", copy.all_segments()).size() == 2);
  REQUIRE(message.set(at("MSH-9"), "ACK").ok());
  CHECK(message.find_groups("ORDER_OBSERVATION", message.all_segments()).empty());
}

TEST_CASE("a message without version or with an unknown type has groups, by the best fit") {
  CHECK(read("MSH|^~\\&|A||||||ORU^R01|1|P\rPID|1\rOBR|1\rOBX|1||a\r")
            .get(at("ORDER_OBSERVATION/OBX-3")) == "a");
  CHECK(read("MSH|^~\\&|A||||||ORU^Z99|1|P|2.4\rPID|1\rOBR|1\rOBX|1||a\r")
            .get(at("ORDER_OBSERVATION/OBX-3")) == "a");
}

void check_groups(const Message& message) {
  const auto& groups = message.groups();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& around = groups[groups[i].parent].range;
    CHECK(groups[i].range.begin < groups[i].range.end);
    CHECK((around.begin <= groups[i].range.begin && groups[i].range.end <= around.end));
  }
}

/// Each segment and group of a structure once.
void append_segments(const NodeDef& node, std::string& text) {
  const auto name = node.name == "ANYHL7SEGMENT" ? "ZAN" : node.name;
  if (!node.is_group() && name != "MSH") text += std::string(name) + "|1\r";
  for (const auto& child : node.children) {
    append_segments(child, text);
    if (node.choice) return;
  }
}

TEST_CASE("every group of every structure can be named in a path") {
  std::size_t named = 0;
  for (auto version : Grammar::versions())
    for (const auto& [name, structure] : Grammar::find(version)->structures()) {
      if (structure.root.children.empty() || structure.root.children.front().name != "MSH")
        continue;
      std::string text =
          "MSH|^~\\&|||||||^^" + std::string(name) + "|1|P|" + std::string(version) + "\r";
      append_segments(structure.root, text);
      const auto message = read(text);
      check_groups(message);
      for (std::size_t i = 1; i < message.groups().size(); ++i) {
        const auto& group = message.groups()[i];
        const auto path = parse_path(std::string(group.name) + "/" +
                                     std::string(message.segment_name(group.range.begin)));
        INFO(version << " " << name << " " << group.name);
        REQUIRE(path.ok());
        CHECK(message.find_segment(*path));
        ++named;
      }
    }
  CHECK(named > 5000);
}

}  // namespace
}  // namespace causeway::hl7v2
