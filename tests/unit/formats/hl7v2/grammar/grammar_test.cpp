#include "engine/formats/hl7v2/grammar/grammar.h"

#include <catch2/catch.hpp>
#include <thread>

namespace causeway::hl7v2 {
namespace {

TEST_CASE("every version has its grammar, and nothing in it leads nowhere") {
  REQUIRE(Grammar::versions().size() == 13);
  REQUIRE(Grammar::versions().front() == "2.1");
  REQUIRE(Grammar::versions().back() == "2.8.2");
  for (const auto version : Grammar::versions()) {
    INFO(version);
    const auto* grammar = Grammar::find(version);
    REQUIRE(grammar);
    CHECK(grammar->version() == version);
    REQUIRE(grammar->segment("MSH"));
    REQUIRE(grammar->segment("PID"));
    REQUIRE(grammar->structure("ADT_A01"));
    REQUIRE(grammar->structure("ORU_R01"));
    for (const auto& [name, structure] : grammar->structures())
      CHECK(structure.root.children.front().name == "MSH");
    for (const auto& [name, type] : grammar->data_types()) CHECK_FALSE(type.components.empty());
  }
}

TEST_CASE("versions that are not there are read by their nearest; others have none") {
  CHECK(Grammar::find("2.3.2")->version() == "2.3.1");
  CHECK(Grammar::find("2.9")->version() == "2.8.2");
  CHECK(Grammar::find("2.5.1")->version() == "2.5.1");
  CHECK(Grammar::find("2.0")->version() == "2.1");
  for (auto version : {"", "2", "2.", "3.0", "2.x", "2.-1", "two"}) {
    INFO(version);
    CHECK(Grammar::find(version) == nullptr);
  }
}

TEST_CASE("a field has name, type, usage, repetition, length and table") {
  const auto& fields = Grammar::find("2.5.1")->segment("PID")->fields;
  const auto& identifiers = fields.at(2);
  CHECK(identifiers.name == "Patient Identifier List");
  CHECK(identifiers.type_name == "CX");
  REQUIRE(identifiers.type);
  CHECK(identifiers.type->title == "Extended Composite ID with Check Digit");
  CHECK(identifiers.usage == Usage::Required);
  CHECK(identifiers.max == no_limit);
  const auto& sex = fields.at(7);
  CHECK(sex.max == 1);
  CHECK(sex.max_length == 1);
  CHECK(sex.table == "0001");
  CHECK(Grammar::find("2.8")->segment("DG1")->fields.at(1).usage == Usage::Withdrawn);
}

TEST_CASE("structures have groups, choices and occurrences") {
  const auto& result = Grammar::find("2.5.1")->structure("ORU_R01")->root;
  CHECK(result.children.at(1).name == "SFT");
  CHECK(result.children.at(1).min == 0);
  CHECK(result.children.at(1).max == no_limit);
  const auto& patient_result = result.children.at(2);
  CHECK(patient_result.name == "PATIENT_RESULT");
  CHECK(patient_result.min == 1);
  REQUIRE(patient_result.is_group());
  CHECK(patient_result.children.at(0).name == "PATIENT");
  const auto& order = Grammar::find("2.5.1")->structure("ORM_O01")->root.children.back();
  CHECK(order.children.at(1).children.at(0).choice);
}

TEST_CASE("a message's structure is found by its name, or by type and event") {
  const auto* grammar = Grammar::find("2.5.1");
  CHECK(grammar->structure_of("ADT", "A04", "ADT_A01")->name == "ADT_A01");
  CHECK(grammar->structure_of("ADT", "A08", "")->name == "ADT_A01");
  CHECK(grammar->structure_of("ORU", "R01", "")->name == "ORU_R01");
  CHECK(grammar->structure_of("ORU", "R01", "NONSENSE")->name == "ORU_R01");
  CHECK(grammar->structure_of("ACK", "A01", "")->name == "ACK");
  CHECK(grammar->structure_of("ZZZ", "Z01", "") == nullptr);
}

TEST_CASE("tables have codes, and codes have meanings") {
  const auto* table = Grammar::find("2.5.1")->table("0001");
  REQUIRE(table);
  CHECK(table->name == "Administrative Sex");
  CHECK(std::binary_search(table->codes.begin(), table->codes.end(), "F"));
  CHECK(code_meaning("0001", "F") == "Female");
  CHECK(code_meaning("0001", "?").empty());
}

TEST_CASE("a grammar is read once, also when many ask at once") {
  std::vector<const Grammar*> seen(8);
  std::vector<std::thread> threads;
  for (auto& one : seen) threads.emplace_back([&one] { one = Grammar::find("2.6"); });
  for (auto& thread : threads) thread.join();
  for (const auto* one : seen) CHECK(one == seen.front());
}

TEST_CASE("a grammar that can't be read says at which line") {
  for (auto text : {"", "x\ty", "v\t2.5\ns\tPID\tname\n-\tR\tST\tmany\t0\t-\tID",
                    "v\t2.5\n-\tR\tST\t1\t0\t-\tID", "v\t2.5\nm\tACK\tMSH GROUP(MSA",
                    "v\t2.5\nm\tACK\t", "v\t2.5\nm\tACK\tMSH)", "v\t2.5\nm\tACK\tMSH G()"}) {
    INFO(text);
    const auto grammar = Grammar::parse(text);
    REQUIRE_FALSE(grammar.ok());
    CHECK(grammar.error().place.starts_with("line "));
  }
  std::string deep = "v\t2.5\nm\tACK\t";
  for (int i = 0; i < 10'000; ++i) deep += "G(";
  CHECK_FALSE(Grammar::parse(deep).ok());
}

}  // namespace
}  // namespace causeway::hl7v2
