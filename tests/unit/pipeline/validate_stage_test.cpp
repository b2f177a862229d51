// Messages checked before the first stage, and what the senders of bad ones are told.
#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/message.h"
#include "engine/pipeline/pipeline.h"

using namespace causeway;
using namespace causeway::pipeline;
using Level = config::ValidateConfig::Level;

namespace {

std::string adt(const std::string& pid, const std::string& version = "2.5.1") {
  return "MSH|^~\\&|A|B|C|D|20240102||ADT^A01^ADT_A01|42|P|" + version +
         "\rEVN|A01|20240102\rPID|" + pid + "\rPV1|1|I\r";
}

RunResult run(const std::string& text, const config::ValidateConfig& validate) {
  PipelineSettings settings;
  settings.destinations = {"lab"};
  settings.validate = validate;
  auto factory = make_pipeline(std::move(settings));
  REQUIRE(factory);
  StoredMessage message;
  message.id = MessageId{7000};
  message.arrival.draft.content_type = ContentType::Hl7v2;
  message.arrival.draft.body = Body(make_bytes(text));
  return (*(*factory)->make())->run({message});
}

std::string in_answer(const RunResult& result, const char* path) {
  REQUIRE(result.reply);
  auto answer = hl7v2::Message::parse(result.reply);
  REQUIRE(answer);
  return std::string(answer->raw(*hl7v2::parse_path(path)));
}

}  // namespace

TEST_CASE("a good message goes on unchanged") {
  config::ValidateConfig validate;
  validate.usage = Level::Reject;
  const auto result = run(adt("1||A1||Doe"), validate);
  CHECK(result.state == RunState::Passed);
  REQUIRE(result.outputs.size() == 1);
  CHECK(result.outputs[0].same_as_input);
  CHECK_FALSE(result.reply);
}

TEST_CASE("a warning is in the step's log, and the message goes on") {
  const auto result = run(adt("1||||Doe"), {});
  CHECK(result.state == RunState::Passed);
  REQUIRE(result.steps.size() == 1);
  CHECK(result.steps[0].stage == "validate");
  CHECK(result.steps[0].log.find("warning PID-3 field-missing") == 0);
}

TEST_CASE("a rejected message goes no further; its sender is told the places") {
  config::ValidateConfig validate;
  validate.usage = Level::Reject;
  validate.type = Level::Reject;
  const auto result = run(adt("one||||Doe"), validate);
  CHECK(result.state == RunState::Filtered);
  CHECK(result.outputs.empty());
  CHECK(in_answer(result, "MSA-1") == "AE");
  CHECK(in_answer(result, "MSA-2") == "42");
  CHECK(in_answer(result, "ERR[1]-2") == "PID^1^1^1");
  CHECK(in_answer(result, "ERR[1]-3.1") == "102");
  CHECK(in_answer(result, "ERR[1]-4") == "E");
  CHECK(in_answer(result, "ERR[2]-2") == "PID^1^3^1");
  CHECK(in_answer(result, "ERR[2]-3.1") == "101");
  CHECK(in_answer(result, "ERR[3]-2").empty());
  CHECK(result.reply->find("one") == std::string::npos);
}

TEST_CASE("before version 2.5 the places are repetitions of ERR-1; AR can be asked for") {
  config::ValidateConfig validate;
  validate.usage = Level::Reject;
  validate.reject_with = Verdict::Code::Reject;
  const auto result = run(adt("1", "2.3.1"), validate);
  CHECK(in_answer(result, "MSA-1") == "AR");
  CHECK(in_answer(result, "ERR-1").find("PID^1^3^101&") == 0);
  CHECK(in_answer(result, "ERR-1[2]").find("PID^1^5^101&") == 0);
}

TEST_CASE("what is no HL7 v2 message fails the stage") {
  const auto result = run("{}", {});
  CHECK(result.state == RunState::Failed);
  CHECK(result.steps.at(0).error);
}

TEST_CASE("a profile is taken from the channel's files; without it the channel can't run") {
  PipelineSettings settings;
  settings.validate = config::ValidateConfig{};
  settings.validate->profile = "profile";
  CHECK(make_pipeline(settings).error().kind == ErrorKind::NotFound);
  settings.scripts["profile/profile.xml"] = "<ConformanceProfile/>";
  CHECK(make_pipeline(settings).error().kind == ErrorKind::Invalid);
}
