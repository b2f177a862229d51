#include "engine/main/authoring/difference.h"

#include <catch2/catch.hpp>

using namespace causeway;

namespace {

using Texts = std::vector<std::string>;

Texts texts(std::string_view expected, std::string_view actual, ContentType type, Texts mask = {}) {
  Texts found;
  for (const auto& difference : differences(expected, actual, type, mask))
    found.push_back(difference.str());
  return found;
}

const std::string message = "MSH|^~\\&|A|B\rPID|1||7^^^X~8||DOE^JOHN\rOBX|1|a\rOBX|2|b\r";

std::string changed(std::string from, const std::string& to) {
  auto text = message;
  return text.replace(text.find(from), from.size(), to);
}

Texts hl7(const std::string& actual, Texts mask = {}) {
  return texts(message, actual, ContentType::Hl7v2, std::move(mask));
}

}  // namespace

TEST_CASE("Difference: HL7 by segment, field, repetition and component") {
  CHECK(hl7(message).empty());
  CHECK(hl7(changed("JOHN", "JANE")) == Texts{"PID-5.2: expected \"JOHN\", got \"JANE\""});
  CHECK(hl7(changed("~8", "~9")) == Texts{"PID-3[2]: expected \"8\", got \"9\""});
  CHECK(hl7(changed("^X", "^X&Y")) == Texts{"PID-3[1].4.2: expected \"\", got \"Y\""});
  CHECK(hl7(changed("|A|", "|Z|")) == Texts{"MSH-3: expected \"A\", got \"Z\""});
  CHECK(hl7(changed("OBX|2|b", "OBX|2|c")) == Texts{"OBX[2]-2: expected \"b\", got \"c\""});
}

TEST_CASE("Difference: a segment more or less is one difference") {
  CHECK(hl7(changed("OBX|1|a\r", "")) == Texts{"OBX: missing: \"OBX|1|a\""});
  CHECK(hl7(message + "ZAA|1\r") == Texts{"ZAA: not expected: \"ZAA|1\""});
  CHECK(hl7(changed("PID|", "ZZZ|1\rPID|")) == Texts{"ZZZ: not expected: \"ZZZ|1\""});
}

TEST_CASE("Difference: the ends of segments don't count, the header's declaration does") {
  auto lines = message;
  std::replace(lines.begin(), lines.end(), '\r', '\n');
  CHECK(hl7(lines.substr(0, lines.size() - 1)).empty());
  CHECK(hl7(changed("^~\\&", "^~\\#")).size() == 1);
}

TEST_CASE("Difference: what is masked is not compared") {
  CHECK(hl7(changed("JOHN", "JANE"), {"PID-5"}).empty());
  CHECK(hl7(changed("JOHN", "JANE"), {"PID-5.2"}).empty());
  CHECK(hl7(changed("JOHN", "JANE"), {"PID-5.1"}).size() == 1);
  CHECK(hl7(changed("OBX|2|b", "OBX|2|c"), {"OBX[1]-2"}).size() == 1);
  CHECK(hl7(changed("OBX|2|b", "OBX|2|c"), {"OBX-2"}).empty());
}

TEST_CASE("Difference: JSON by pointer, whatever its white space and order") {
  const auto json = [](std::string_view left, std::string_view right, Texts mask = {}) {
    return texts(left, right, ContentType::Json, std::move(mask));
  };
  CHECK(json(R"({"a": 1, "b": [1, 2]})", R"({"b":[1,2],"a":1})").empty());
  CHECK(json(R"({"a": {"b": "x"}})", R"({"a": {"b": "y"}})") ==
        Texts{R"(/a/b: expected ""x"", got ""y"")"});
  CHECK(json("[1, 2]", "[1]") == Texts{R"(/1: missing: "2")"});
  CHECK(json("{}", R"({"id": 5})") == Texts{R"(/id: not expected: "5")"});
  CHECK(json(R"({"id": 4})", R"({"id": 5})", {"/id"}).empty());
  CHECK(json("{", "[").size() == 2);
}

TEST_CASE("Difference: text by line") {
  CHECK(texts("a\nb\nc\n", "a\nx\nc\n", ContentType::Text) ==
        Texts{R"(line 2: missing: "b")", R"(line 2: not expected: "x")"});
  CHECK(texts("a\n", "a", ContentType::Text).size() == 1);
  CHECK(texts(std::string(1, '\x01'), "", ContentType::Text)[0] == R"(line 1: missing: "\x01")");
}

TEST_CASE("Difference: no more are told than can be read, and long lists end") {
  std::string left, right;
  for (int i = 0; i < 5000; ++i) {
    left += "a" + std::to_string(i) + "\n";
    right += "b" + std::to_string(i) + "\n";
  }
  CHECK(texts(left, right, ContentType::Text).size() <= differences_max + 1);
}
