#include "engine/formats/hl7v2/grammar/structure_tree.h"

#include <catch2/catch.hpp>

namespace causeway::hl7v2 {
namespace {

std::vector<std::string_view> names_in(std::string_view text) {
  std::vector<std::string_view> names;
  for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(text.size(), 4)))
    names.push_back(text.substr(0, 3));
  return names;
}

/// "MSH PATIENT(PID ZPI?)": groups in brackets; ! surplus, ~ misplaced, ? unknown.
std::string drawn(const StructureTree& tree, std::uint32_t group = 0) {
  std::string text;
  for (auto i = group + 1; i < tree.nodes()[group].end; i = tree.nodes()[i].end) {
    const auto& node = tree.nodes()[i];
    if (!text.empty()) text += ' ';
    text += tree.name(node);
    if (node.segment == no_segment) text += "(" + drawn(tree, i) + ")";
    text += std::string_view("\0!~?", 4)[static_cast<std::size_t>(node.standing)];
  }
  std::erase(text, '\0');
  return text;
}

StructureTree tree_of(std::string_view segments, std::string_view structure,
                      std::string_view version = "2.5.1") {
  return StructureTree::build(names_in(segments), *Grammar::find(version)->structure(structure));
}

std::string lacks(const StructureTree& tree) {
  std::string text;
  for (const auto& missing : tree.missing())
    text += (text.empty() ? "" : " ") + std::string(missing.def->name);
  return text;
}

TEST_CASE("segments stand in the groups of their structure") {
  const auto tree = tree_of("MSH PID NTE PV1 ORC OBR OBX NTE OBX OBR SPM OBX OBX", "ORU_R01");
  CHECK(drawn(tree) ==
        "MSH PATIENT_RESULT(PATIENT(PID NTE VISIT(PV1)) "
        "ORDER_OBSERVATION(ORC OBR OBSERVATION(OBX NTE) OBSERVATION(OBX)) "
        "ORDER_OBSERVATION(OBR SPECIMEN(SPM OBX OBX)))");
  CHECK(tree.missing().empty());
}

TEST_CASE("a segment that comes twice in a structure goes to the nearest place") {
  const auto tree = tree_of("MSH EVN PID ROL NK1 PV1 ROL ROL OBX IN1 IN2 IN1", "ADT_A01");
  CHECK(drawn(tree) == "MSH EVN PID ROL NK1 PV1 ROL ROL OBX INSURANCE(IN1 IN2) INSURANCE(IN1)");
  CHECK(tree.missing().empty());
}

TEST_CASE("a choice is no level of its own") {
  const auto tree = tree_of("MSH PID ORC OBR NTE OBX ORC RXO", "ORM_O01");
  CHECK(drawn(tree) ==
        "MSH PATIENT(PID) ORDER(ORC ORDER_DETAIL(OBR NTE OBSERVATION(OBX))) "
        "ORDER(ORC ORDER_DETAIL(RXO))");
}

TEST_CASE("Z-segments stay where they stand") {
  const auto tree = tree_of("MSH ZMH PID ZPI OBR ZBR OBX ZBX", "ORU_R01");
  CHECK(drawn(tree) ==
        "MSH ZMH? PATIENT_RESULT(PATIENT(PID ZPI?) "
        "ORDER_OBSERVATION(OBR ZBR? OBSERVATION(OBX ZBX?)))");
  CHECK(tree.missing().empty());
}

TEST_CASE("what is missing, surplus or out of place is listed, not refused") {
  CHECK(lacks(tree_of("MSH PID PV1", "ADT_A01")) == "EVN");
  CHECK(lacks(tree_of("MSH EVN PID", "ADT_A01")) == "PV1");
  CHECK(lacks(tree_of("MSH", "ORU_R01")) == "PATIENT_RESULT");
  CHECK(lacks(tree_of("MSH PID OBX", "ORU_R01")) == "OBR");
  CHECK(drawn(tree_of("MSH EVN PID PID PV1", "ADT_A01")) == "MSH EVN PID PID! PV1");
  const auto wrong = tree_of("MSH EVN PV1 PID", "ADT_A01");
  CHECK(drawn(wrong) == "MSH EVN PV1 PID~");
  CHECK(lacks(wrong).empty());
  CHECK(drawn(tree_of("MSH EVN PID PV1 RXA", "ADT_A01")) == "MSH EVN PID PV1 RXA?");
}

TEST_CASE("a second order without its ORC begins a new group") {
  const auto tree = tree_of("MSH ORC OBR OBX OBR OBX", "ORM_O01");
  CHECK(drawn(tree) ==
        "MSH ORDER(ORC ORDER_DETAIL(OBR OBSERVATION(OBX))) "
        "ORDER(ORDER_DETAIL(OBR OBSERVATION(OBX)))");
  CHECK(lacks(tree) == "ORC");
}

TEST_CASE("a node knows its path") {
  const auto tree = tree_of("MSH PID OBR OBX OBX OBR OBX OBX", "ORU_R01");
  CHECK(tree.path_of(tree.nodes().back().parent) ==
        "PATIENT_RESULT/ORDER_OBSERVATION[2]/OBSERVATION[2]");
  CHECK(tree.path_of(0).empty());
}

TEST_CASE("a structure is chosen by MSH-9, else by the best fit") {
  const auto* grammar = Grammar::find("2.5.1");
  const auto chosen = [&](const char* type, const char* segments) {
    return choose_structure(*grammar, type, '^', names_in(segments));
  };
  CHECK(chosen("ADT^A04", "MSH EVN PID PV1").structure->name == "ADT_A01");
  CHECK_FALSE(chosen("ADT^A04", "MSH EVN PID PV1").best_fit);
  const auto odd = chosen("ORU^Z99", "MSH PID OBR OBX NTE");
  CHECK(odd.best_fit);
  CHECK(odd.structure->name == "ORU_R01");
  CHECK(chosen("", "MSH MSA").structure->name == "ACK");
  CHECK(chosen("ZZZ^Z01", "MSH PID RGS AIS SCH").structure);
  CHECK(chosen("ADT", "").structure == nullptr);
}

TEST_CASE("a message of very many segments takes its time once for each") {
  std::string segments = "MSH PID OBR ";
  for (int i = 0; i < 50'000; ++i) segments += i % 3 ? "OBX " : i % 2 ? "ZZZ " : "PID ";
  const auto tree = tree_of(segments, "ORU_R01");
  CHECK(tree.nodes().size() > 50'000);
}

}  // namespace
}  // namespace causeway::hl7v2
