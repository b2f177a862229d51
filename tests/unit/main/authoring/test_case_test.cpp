#include "engine/main/authoring/test_case.h"

#include <catch2/catch.hpp>

#include "engine/main/authoring/write_file.h"
#include "tests/support/temporary_folder.h"

using namespace causeway;

namespace {

struct Folder {
  testing::TemporaryFolder temporary;
  config::Problems problems;

  void write(const std::string& name, std::string_view text) {
    REQUIRE(write_file(temporary.path() / "tests" / name, text));
  }
  std::vector<TestCase> read() { return read_test_cases(temporary.path(), problems); }
};

}  // namespace

TEST_CASE("Test case: files by their names") {
  Folder folder;
  folder.write("a/input.hl7", "MSH|^~\\&|A\nPID|1\n");
  folder.write("a/expected/lab.1.hl7", "1");
  folder.write("a/expected/lab.2.hl7", "2");
  folder.write("a/expected/lab.10.hl7", "10");
  folder.write("a/expected/archive.json", "{}");
  folder.write("a/after/1.hl7", "x");
  folder.write("a/reply.hl7", "y");
  folder.write("a/case.json",
               R"({"received_at": "2024-02-29T12:30:15.5Z", "mask": ["MSH-7", "/id"]})");
  const auto cases = folder.read();
  for (const auto& problem : folder.problems.list) UNSCOPED_INFO(problem.str());
  REQUIRE(cases.size() == 1);
  const auto& test = cases[0];
  CHECK(test.input.bytes == "MSH|^~\\&|A\rPID|1\r");
  CHECK(test.input.type == ContentType::Hl7v2);
  REQUIRE(test.expected.at("lab").size() == 3);
  CHECK(test.expected.at("lab")[2].bytes == "10");
  CHECK(test.expected.at("archive")[0].type == ContentType::Json);
  CHECK(test.after.at(1).bytes == "x");
  CHECK(test.reply->bytes == "y");
  CHECK(test.mask.size() == 2);
  using namespace std::chrono;
  CHECK(test.received_at ==
        sys_days(year(2024) / 2 / 29) + hours(12) + minutes(30) + milliseconds(15'500));
}

TEST_CASE("Test case: what is wrong is told, and the others are read") {
  Folder folder;
  folder.write("good/input.json", "{}");
  folder.write("no_input/reply.hl7", "x");
  folder.write("stray/input.hl7", "x");
  folder.write("stray/expectde/lab.hl7", "x");
  folder.write("two/input.hl7", "x");
  folder.write("two/input.json", "x");
  folder.write("key/input.hl7", "x");
  folder.write("key/case.json", R"({"masks": []})");
  folder.write("mask/input.hl7", "x");
  folder.write("mask/case.json", R"({"mask": ["msh7"]})");
  folder.write("time/input.hl7", "x");
  folder.write("time/case.json", R"({"received_at": "2024-02-30T00:00:00Z"})");
  folder.write("after/input.hl7", "x");
  folder.write("after/after/first.hl7", "x");
  CHECK(folder.read().size() == 1);
  CHECK(folder.problems.list.size() == 7);
}

TEST_CASE("Test case: state before and after") {
  Folder folder;
  folder.write("a/input.hl7", "x");
  folder.write("a/case.json",
               R"({"counters": {"n": 41}, "counters_after": {"n": 42},
                   "state": {"ward": {"name": "W1", "beds": [1, 2.5]}},
                   "state_after": {"ward": null}})");
  folder.write("b/input.hl7", "x");
  folder.write("b/case.json", R"({"counters": {"n": "x"}, "state": 5})");
  const auto cases = folder.read();
  REQUIRE(cases.size() == 1);
  using Kept = std::map<std::string, std::string>;
  CHECK(cases[0].state ==
        Kept{{"counter n", "41"}, {"state ward", R"({"name":"W1","beds":[1,2.5]})"}});
  CHECK(cases[0].state_after == Kept{{"counter n", "42"}, {"state ward", ""}});
  CHECK(folder.problems.list.size() == 2);
}
