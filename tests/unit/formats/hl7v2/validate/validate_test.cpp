#include "engine/formats/hl7v2/validate/validate.h"

#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/validate/profile.h"

namespace causeway::hl7v2 {
namespace {

/// "error PID-3 field-missing; warning …", in their order.
std::string found(const std::string& text, const ValidationOptions& options = {}) {
  auto message = Message::parse(make_bytes(text));
  REQUIRE(message.ok());
  std::string all;
  for (const auto& finding : validate(*message, options).findings)
    all += (all.empty() ? "" : "; ") + std::string(to_string(finding.level)) + " " +
           to_string(finding.location) + " " + finding.rule;
  return all;
}

const std::string header = "MSH|^~\\&|A|B|C|D|20240102||ADT^A01^ADT_A01|1|P|2.5.1\r";
const std::string good =
    header + "EVN||20240102\rPID|1||A1^^^H~B2||Doe^John||19800229|M\rPV1|1|I\r";

std::string with(const std::string& segment, const std::string& other) {
  auto text = good;
  const auto at = text.find(segment.substr(0, 3) + "|");
  return text.replace(at, text.find('\r', at) - at, other);
}

TEST_CASE("a good message has no findings") {
  CHECK(found(good).empty());
  CHECK(found(good + "ZPI|anything^at all\r").empty());
}

TEST_CASE("segments: missing, surplus, misplaced, unknown") {
  CHECK(found(header + "EVN||20240102\rPID|1||A1||Doe\r") == "error  segment-missing");
  CHECK(found(with("EVN", "EVN||20240102\rEVN||20240102")) == "error EVN[2] segment-surplus");
  CHECK(found(header + "EVN||2024\rPV1|1|I\rPID|1||A1||Doe\r") == "error PID segment-misplaced");
  CHECK(found(good + "DSC|1\r") == "error DSC segment-unknown");
}

TEST_CASE("fields: missing, too many, unknown, null") {
  CHECK(found(with("PID", "PID|1||||Doe")) == "error PID-3 field-missing");
  CHECK(found(with("PID", "PID|1||^^^~||Doe")) == "error PID-3 field-missing");
  CHECK(found(with("PID", "PID|1||\"\"||Doe")).empty());
  CHECK(found(with("PID", "PID|1||A1||Doe|||M~F")) == "error PID-8[2] field-too-many");
  CHECK(found(with("EVN", "EVN||20240102||||||||x")) == "warning EVN-10 field-unknown");
}

TEST_CASE("values: type, length, table") {
  CHECK(found(with("PID", "PID|one||A1||Doe")) == "error PID-1 type-SI");
  CHECK(found(with("PID", "PID|1||A1||Doe||19800230")) == "error PID-7.1 type-DTM");
  CHECK(found(with("PID", "PID|1||A1||Doe|||MALE")) == "warning PID-8 too-long");
  CHECK(found(with("PID", "PID|1||A1||Doe" + std::string(25, '|') + "X")) ==
        "warning PID-30 code-unknown");
  CHECK(found(with("PID", "PID|1||A1||Doe|||M^F")) ==
        "warning PID-8 too-long; warning PID-8 type-primitive");
  CHECK(found(with("PV1",
                   "PV1|1|I|||||||||||||||||||||||||||||||||||||||||||20240102030405.1234-0500"))
            .empty());
}

TEST_CASE("an observation is checked by the type that it declares") {
  const std::string start = "MSH|^~\\&|A|B|C|D|20240102||ORU^R01|1|P|2.5.1\rOBR|1|||x^y\rOBX|1|";
  CHECK(found(start + "NM|a^b||12.5||||||F\r").empty());
  CHECK(found(start + "NM|a^b||high||||||F\r") == "error OBX-5 type-NM");
  CHECK(found(start + "CE|a^b||1^one^L||||||F\r").empty());
  CHECK(found(start + "ST|a^b||any&thing||||||F\r") == "");
}

TEST_CASE("what can't be told is a finding") {
  CHECK(found("MSH|^~\\&|A|B|C|D|20240102||ADT^A01|1|P|3.0\r") == "error MSH-12 version-unknown");
  CHECK(found("MSH|^~\\&|A|B|C|D|20240102||ZZZ^Z01|1|P|2.5\rMSA|AA|1\r") ==
        "error MSH-9 message-unknown; warning MSH-9.1 code-unknown; warning MSH-9.2 code-unknown");
}

TEST_CASE("levels: off, warn, reject; a message with warnings alone is not rejected") {
  ValidationOptions options;
  options.levels[RuleClass::Usage] = Level::Warn;
  CHECK(found(with("PID", "PID|1||||Doe"), options) == "warning PID-3 field-missing");
  auto message = Message::parse(make_bytes(with("PID", "PID|1||||Doe")));
  CHECK_FALSE(validate(*message, options).rejects());
  CHECK(validate(*message, {}).rejects());
  options.levels[RuleClass::Usage] = Level::Off;
  CHECK(found(with("PID", "PID|1||||Doe"), options).empty());
}

TEST_CASE("texts and paths of findings quote nothing of the message") {
  const std::string canary = "CANARY";
  auto message =
      Message::parse(make_bytes(header + "EVN|CANARYCANARY\rPID|CANARY||||||CANARY|CANARY\r" +
                                "CANARY IS HERE|1\rCANARY\rPV1|CANARY^CANARY|CANARY\r"));
  const auto report = validate(*message, {});
  REQUIRE(report.findings.size() > 5);
  for (const auto& finding : report.findings) {
    CHECK(finding.text.find(canary) == std::string::npos);
    CHECK(to_string(finding.location).find(canary) == std::string::npos);
    CHECK(finding.group.find(canary) == std::string::npos);
    CHECK(finding.rule.find(canary) == std::string::npos);
  }
}

TEST_CASE("findings are bounded") {
  auto text = good;
  for (int i = 0; i < 2000; ++i) text += "RXA|x\r";
  auto message = Message::parse(make_bytes(text));
  const auto report = validate(*message, {});
  CHECK(report.findings.size() == findings_max);
  CHECK(report.cut);
}

TEST_CASE("bytes of characters that look like delimiters are not taken for them") {
  // GB 18030: 81 7C and 81 5E are characters.
  CHECK(
      found("MSH|^~\\&|A|B|C|D|20240102||ADT^A01^ADT_A01|1|P|2.5.1||||||GB 18030-2000\rEVN||2024\r"
            "PID|1||A1||\x81|\x81^\x81|^\x81^||||\rPV1||I\r")
          .empty());
}

std::shared_ptr<const Profile> small_profile() {
  auto profile = Profile::load("tests/unit/formats/hl7v2/validate/small_profile");
  REQUIRE(profile.ok());
  return *profile;
}

std::string by_profile(const std::string& pid, const std::string& rest = "") {
  ValidationOptions options;
  options.profile = small_profile();
  return found("MSH|^~\\&|A|B|C|D|20240102||ORU^R01|1|P|2.5.1\r" + pid + "\r" + rest, options);
}

TEST_CASE("a profile's usage, repetition, length and value sets hold") {
  CHECK(by_profile("PID|1||A1||Doe|||M").empty());
  CHECK(by_profile("PID|1||||Doe|||M") == "error PID-3 field-missing");
  CHECK(by_profile("PID|1|x|A1||Doe|||M") == "error PID-2 field-not-supported");
  CHECK(by_profile("PID|1||A1~A2~A3||Doe|||M") == "error PID-3[3] field-too-many");
  CHECK(by_profile("PID|1||A1^^M||Doe|||M") == "error PID-3.3 component-not-supported");
  CHECK(by_profile("PID|1||A1234567890123456||Doe|||M") == "warning PID-3.1 too-long");
  CHECK(by_profile("PID|1||A1||Doe||198|M") == "warning PID-7.1 too-short; error PID-7.1 type-DTM");
  CHECK(by_profile("PID|1||A1||Doe|||X") == "warning PID-8 code-unknown");
  CHECK(by_profile("PID|1||A1||Doe|||O") == "warning PID-8 code-excluded");
  CHECK(by_profile("PID|1||A1||Doe|||M", "NTE|1\r") == "error NTE segment-not-supported");
}

TEST_CASE("a profile's predicates, statements and constants hold") {
  CHECK(by_profile("PID|1||A1|||||M") == "error PID-5 field-missing");
  CHECK(by_profile("PID|1||A1|||||U").empty());
  CHECK(by_profile("PID|1||A1^^^H&&ISO||Doe|||M") == "error PID-3.4.2 component-missing");
  CHECK(by_profile("PID|1||A1^^^H&1.2||Doe|||M") == "error PID-3.4.2 component-not-supported");
  CHECK(by_profile("PID|1||A1^^^H&1.2&DNS||Doe|||M") == "error PID-3.4.3 constant");
  CHECK(by_profile("PID|1||1A||Doe|||M") == "warning PID PID-3-form");
  CHECK(by_profile("PID|1||A1||Doe|||M", "OBX|1|XX|a\r") == "error OBX OBX-2-list");
  CHECK(by_profile("PID|1||A1||Doe|||M", "OBX|1|NM|a\rOBX|3|NM|a\r") == "error  OBX-1-count");
  CHECK(by_profile("PID|1||A1||Doe|||M", "OBX|1|NM|a||5\r") == "error  segment-missing");
  CHECK(by_profile("PID|1||A1||Doe|||M", "OBR|1\rOBX|1|NM|a||5\r").empty());
  CHECK(by_profile("PID|1||A1||Doe|||M", "OBR|2\rOBX|1|NM|a||5\r") == "error  same");
  CHECK(by_profile("PID|1||A1||Doe|||M", "OBR|1\rOBX|1|NM|a||x\r") == "error OBX-5 type-NM");
  CHECK(small_profile()->not_judged() == std::vector<std::string>{"foreign"});
}

TEST_CASE("a profile that is none says so; nothing is opened for it") {
  const auto error_of = [](const std::string& text) {
    auto profile = Profile::parse({text});
    REQUIRE_FALSE(profile.ok());
    return profile.error().text;
  };
  CHECK_FALSE(error_of("").empty());
  CHECK_FALSE(error_of("<ConformanceProfile>").empty());
  CHECK_FALSE(error_of("<ConformanceProfile/>").empty());
  CHECK(error_of("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>") ==
        "a document type declaration is not allowed");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "<a>";
  CHECK(error_of(deep) == "elements are nested too deeply");
  CHECK(Profile::load("/nonexistent/profile.xml").error().kind == ErrorKind::NotFound);
}

TEST_CASE("a pattern that would take forever is undecided") {
  const auto pattern = Pattern::compile("^(a+)+$");
  REQUIRE(pattern.ok());
  std::string endless(60, 'a');
  endless.push_back('b');
  CHECK((*pattern)->matches("aaa") == true);
  CHECK((*pattern)->matches(endless) != true);
  CHECK((*Pattern::compile("\\d{4}"))->matches("12345") == false);
  CHECK_FALSE(Pattern::compile("(").ok());
}

}  // namespace
}  // namespace causeway::hl7v2
