// Stages in a row, and what they make of a message.
#include <catch2/catch.hpp>

#include "engine/pipeline/pipeline.h"

using namespace causeway;
using namespace causeway::pipeline;

namespace {

const std::string adt = "MSH|^~\\&|A|B|C|D|20240102||ADT^A01|1|P|2.5\rPID|1||7\r";

std::shared_ptr<const StoredMessage> message_of(Body body, ContentType type = ContentType::Hl7v2) {
  auto message = std::make_shared<StoredMessage>();
  message->id = MessageId{1};
  message->arrival.draft.content_type = type;
  message->arrival.draft.body = std::move(body);
  return message;
}

PipelineSettings settings_of(const std::vector<std::string>& bodies) {
  PipelineSettings settings;
  settings.destinations = {"lab", "archive"};
  settings.revision = "r1";
  for (const auto& body : bodies) {
    auto file = "stage" + std::to_string(settings.stages.size() + 1) + ".js";
    settings.scripts[file] = "export default (msg, ctx) => {" + body + "}";
    config::StageConfig stage;
    stage.type = "transform";
    stage.script.file = file;
    settings.stages.push_back(stage);
  }
  return settings;
}

RunResult run(PipelineSettings settings, const StoredMessage& message) {
  auto factory = make_pipeline(std::move(settings));
  REQUIRE(factory);
  auto transformation = (*factory)->make();
  REQUIRE(transformation);
  return (*transformation)->run({message});
}

RunResult run(const std::vector<std::string>& bodies) {
  return run(settings_of(bodies), *message_of(Body(make_bytes(adt))));
}

std::string output(const RunResult& result, std::size_t index) {
  return std::string(result.outputs.at(index).body.view());
}

/// "destination=content" of each output.
std::string contents(const RunResult& result) {
  std::string all;
  for (const auto& output : result.outputs)
    all += (all.empty() ? "" : " ") + output.destination + "=" + std::string(output.body.view());
  return all;
}

}  // namespace

TEST_CASE("without stages a message passes through, as the same body") {
  auto message = message_of(Body(BodyId{5}, 1'000'000'000), ContentType::Dicom);
  auto result = run(settings_of({}), *message);
  CHECK(result.state == RunState::Passed);
  CHECK(result.steps.empty());
  REQUIRE(result.outputs.size() == 2);
  CHECK(result.outputs[0].destination == "lab");
  CHECK(result.outputs[1].destination == "archive");
  CHECK(result.outputs[0].same_as_input);
  CHECK(result.outputs[0].body.staged() == BodyId{5});
  CHECK(result.outputs[0].content_type == ContentType::Dicom);
}

TEST_CASE("stages work on what the one before gave") {
  auto result = run({"msg.set('MSH-3', 'X'); console.log('one'); return msg",
                     "msg.set('MSH-4', msg.get('MSH-3') + 'Y'); console.log('two'); return msg"});
  CHECK(result.state == RunState::Passed);
  CHECK(output(result, 0).starts_with("MSH|^~\\&|X|XY|C"));
  CHECK(output(result, 1) == output(result, 0));
  CHECK(!result.outputs[0].same_as_input);
  REQUIRE(result.steps.size() == 2);
  CHECK(result.steps[0].stage == "stage1.js");
  CHECK(result.steps[0].log == "one\n");
  CHECK(result.steps[1].log == "two\n");
}

TEST_CASE("a message returned untouched is the message's own body") {
  auto result = run({"return msg", "ctx.send('lab'); return msg"});
  REQUIRE(result.outputs.size() == 1);
  CHECK(result.outputs[0].destination == "lab");
  CHECK(result.outputs[0].same_as_input);
}

TEST_CASE("a dropped message is filtered and seen by no further stage") {
  auto result = run({"ctx.drop('not ours')", "throw new Error('not reached')"});
  CHECK(result.state == RunState::Filtered);
  CHECK(result.outputs.empty());
  REQUIRE(result.steps.size() == 1);
  CHECK(result.steps[0].log == "dropped: not ours\n");
}

TEST_CASE("a failing stage fails the run") {
  auto result = run({"return msg", "\n null.x", "return msg"});
  CHECK(result.state == RunState::Failed);
  CHECK(result.outputs.empty());
  REQUIRE(result.steps.size() == 2);
  CHECK(!result.steps[0].error);
  REQUIRE(result.steps[1].error);
  CHECK(result.steps[1].error->kind == ErrorKind::Script);
  CHECK(result.steps[1].error->place == "stage2.js:2:2");
}

TEST_CASE("destinations chosen by several stages are put together") {
  auto result = run({"ctx.send('lab', 'note'); return msg",
                     "msg.set('MSH-3', 'X'); ctx.send('archive'); return msg"});
  REQUIRE(result.outputs.size() == 2);
  CHECK(output(result, 0) == "note");
  CHECK(result.outputs[0].content_type == ContentType::Text);
  CHECK(output(result, 1).starts_with("MSH|^~\\&|X|"));

  auto dropped = run({"ctx.send('lab', msg); return msg", "ctx.drop('the rest')"});
  CHECK(dropped.state == RunState::Passed);
  CHECK(contents(dropped) == "lab=" + adt);
}

TEST_CASE("a stage that has sent all contents itself ends the message's way") {
  auto result =
      run({"ctx.send('lab', 'a'); ctx.send('lab', 'b')", "throw new Error('not reached')"});
  CHECK(result.state == RunState::Passed);
  CHECK(contents(result) == "lab=a lab=b");
}

TEST_CASE("each part of a split goes through the further stages by itself, in order") {
  auto settings = settings_of({"return ['a', 'b', 'c']", "return msg !== 'b' || 'not b'",
                               "console.log(msg); return msg + ctx.uuid().length"});
  settings.stages[0].type = "split";
  settings.stages[1].type = "filter";
  auto result = run(settings, *message_of(Body(make_bytes(adt))));
  CHECK(contents(result) == "lab=a36 archive=a36 lab=c36 archive=c36");
  REQUIRE(result.steps.size() == 3);
  CHECK(result.steps[1].log == "dropped: not b\n");
  CHECK(result.steps[2].log == "a\nc\n");
}

TEST_CASE("a part that fails fails the run, as its last step") {
  auto settings =
      settings_of({"return ['a', 'b']", "if (msg === 'b') null.x; return msg", "console.log(msg)"});
  settings.stages[0].type = "split";
  auto result = run(settings, *message_of(Body(make_bytes(adt))));
  CHECK(result.state == RunState::Failed);
  CHECK(result.outputs.empty());
  REQUIRE(result.steps.size() == 3);
  CHECK(result.steps[1].log == "a\n");
  CHECK(result.steps[2].stage == "stage2.js");
  CHECK(result.steps[2].error->place == "stage2.js:1:48");
}

TEST_CASE("a route sends to some, with the same or another content") {
  auto route = [](const std::string& text) {
    auto settings = settings_of({text, "return ctx.text(msg.get('MSH-3') + '!')"});
    settings.stages[0].type = "route";
    return run(settings, *message_of(Body(make_bytes(adt))));
  };
  CHECK(contents(route("return 'archive'")) == "archive=A!");
  CHECK(contents(route("return ['archive', 'lab']")) == "archive=A! lab=A!");
  CHECK(contents(route("ctx.send('lab', 'note'); return 'archive'")) == "lab=note archive=A!");
  CHECK(contents(route("return {lab: 'x', archive: 'y'}")) == "lab=x archive=y");
  CHECK(route("return []").state == RunState::Filtered);
}

TEST_CASE("what one run makes is bounded") {
  auto settings = settings_of({"return Array(200).fill('x')", "return Array(200).fill(msg)"});
  auto result = run(settings, *message_of(Body(make_bytes(adt))));
  CHECK(result.state == RunState::Failed);
  CHECK(result.steps.back().error->kind == ErrorKind::Limit);
}

TEST_CASE("a reply is handed on") {
  auto result = run({"ctx.reply('RSP'); return msg"});
  REQUIRE(result.reply);
  CHECK(*result.reply == "RSP");
}

TEST_CASE("stages get different uuids, the same in every run") {
  auto settings =
      settings_of({"ctx.log(ctx.uuid()); return msg", "ctx.log(ctx.uuid()); return msg"});
  auto message = message_of(Body(make_bytes(adt)));
  auto first = run(settings, *message);
  auto second = run(settings, *message);
  CHECK(first.steps[0].log != first.steps[1].log);
  CHECK(first.steps[0].log == second.steps[0].log);
  CHECK(first.steps[1].log == second.steps[1].log);
}

TEST_CASE("what can't be deployed is said with its place") {
  auto settings = settings_of({"return msg", "let x = );"});
  auto factory = make_pipeline(settings);
  REQUIRE(!factory);
  CHECK(factory.error().place.starts_with("stage2.js:1:"));
  settings.stages[0].type = "nonsense";
  CHECK(make_pipeline(settings).error().text.find("nonsense") != std::string::npos);
}

TEST_CASE("a stage's time limit is the one of its declaration") {
  auto settings = settings_of({"for (;;);"});
  settings.stages[0].script.time_limit = Milliseconds(30);
  auto result = run(settings, *message_of(Body(make_bytes(adt))));
  REQUIRE(result.state == RunState::Failed);
  CHECK(result.steps[0].error->kind == ErrorKind::ScriptLimit);
  CHECK(result.steps[0].error->text.find("30 ms") != std::string::npos);
}

TEST_CASE("scripts import from the library, and look codes up in tables") {
  config::ChannelConfig config;
  config.path = "lab/in";
  config.revision_hash = "r";
  config.stages.push_back({"transform", {"t.js"}});
  config.destinations.emplace_back().name = "lab";
  config.scripts = {
      {"t.js",
       "import { sex } from 'codes/sex.js';\n"
       "export default (msg, ctx) => ctx.text(sex(ctx, 'M') + ctx.table('own').get('a') +"
       " ctx.message.channel + ctx.message.cause)"},
      {"tables/own.csv", "key,value\na,!\n"},
      {"lib:codes/sex.js", "export const sex = (ctx, code) => ctx.table('codes/sex').get(code)"},
      {"lib:codes/sex.csv", "code,name\nM,male\n"}};
  auto message = *message_of(Body(make_bytes(adt)));
  message.arrival.draft.hops = 1;
  auto result = run(pipeline_settings(config), message);
  CHECK(contents(result) == "lab=male!lab/inhop");
  config.scripts["tables/own.csv"] = "key,value\na\n";
  auto factory = make_pipeline(pipeline_settings(config));
  REQUIRE(!factory);
  CHECK(factory.error().str() == "tables/own.csv:2: 1 fields, where the heading has 2");
}

TEST_CASE("what arrives is converted before the first stage") {
  const std::string latin = "MSH|^~\\&|A||||||ADT|1|P|2.5||||||8859/1\rPID|1||M\xFCller\r";
  auto settings = settings_of({"msg.set('PID-4', msg.get('PID-3').length); return msg"});
  settings.character_set = config::CharacterSetConfig{"", "UTF-8", false};
  auto result = run(settings, *message_of(Body(make_bytes(latin))));
  CHECK(output(result, 0) == "MSH|^~\\&|A||||||ADT|1|P|2.5||||||UNICODE UTF-8\rPID|1||Müller|6\r");
  CHECK(result.steps.at(0).stage == "character_set");

  const std::string broken = "MSH|^~\\&|A\rPID|1||M\xFCller\r";
  settings.scripts["stage1.js"] = "export default msg => msg";
  result = run(settings, *message_of(Body(make_bytes(broken))));
  CHECK(output(result, 0).find("M\\XFC\\ller") != std::string::npos);
  CHECK(result.steps.at(0).log.find("PID, segment 2") != std::string::npos);
  settings.character_set->fails_on_loss = true;
  result = run(settings, *message_of(Body(make_bytes(broken))));
  CHECK(result.state == RunState::Failed);

  settings.character_set->to = "KLINGON";
  CHECK(make_pipeline(settings).error().kind == ErrorKind::Invalid);
}

namespace {

class Lane final : public StateReader {
 public:
  Result<std::optional<std::string>> read(std::string_view name) override {
    return name == "counter n" ? std::optional<std::string>("6") : std::nullopt;
  }
};

RunResult run_in_lane(PipelineSettings settings, OrderKeys keys) {
  auto message = *message_of(Body(make_bytes(adt)));
  message.arrival.order_keys = std::move(keys);
  auto factory = make_pipeline(std::move(settings));
  REQUIRE(factory);
  auto transformation = (*factory)->make();
  REQUIRE(transformation);
  Lane lane;
  return (*transformation)->run({.message = message, .state = &lane});
}

}  // namespace

TEST_CASE("a stage sees the state that the stages and parts before it have left") {
  auto settings = settings_of({"return [ctx.counter('n'), ctx.counter('n')].map(String)",
                               "return msg + '/' + ctx.counter('n')"});
  settings.stages[0].type = "split";
  auto result = run_in_lane(settings, {1});
  REQUIRE(result.outputs.size() == 4);
  CHECK(output(result, 0) == "7/9");
  CHECK(output(result, 2) == "8/10");
  REQUIRE(result.changes.size() == 1);
  CHECK(result.changes[0].name == "counter n");
  CHECK(result.changes[0].value == "10");
}

TEST_CASE("a run that fails leaves no state; one that is filtered does") {
  auto failed = run_in_lane(settings_of({"ctx.counter('n'); return msg", "throw 1"}), {1});
  CHECK(failed.state == RunState::Failed);
  CHECK(failed.changes.empty());
  auto filtered = run_in_lane(settings_of({"ctx.counter('n'); ctx.drop('no')"}), {1});
  CHECK(filtered.state == RunState::Filtered);
  CHECK(filtered.changes.size() == 1);
}

TEST_CASE("where there is no order there is no state, and no more than a run may change") {
  auto result = run_in_lane(settings_of({"ctx.counter('n'); return msg"}), {});
  REQUIRE(result.state == RunState::Failed);
  CHECK(result.steps[0].error->text.find("order_by") != std::string::npos);
  auto settings = settings_of(
      {"return [1, 2].map(String)", "for (let i = 0; i < 40; i++) ctx.counter('c' + i + msg);"});
  settings.stages[0].type = "split";
  result = run_in_lane(settings, {1});
  REQUIRE(result.state == RunState::Failed);
  CHECK(result.steps.back().error->kind == ErrorKind::Limit);
}

TEST_CASE("attributes of the message go on with it, as stages have changed them") {
  auto message = std::make_shared<StoredMessage>(*message_of(Body(make_bytes(adt))));
  message->arrival.draft.attributes =
      std::make_shared<const Attributes>(Attributes{{"path", "/in"}, {"method", "POST"}});
  auto result = run(settings_of({"ctx.attach({path: '/out'})",
                                 "ctx.send('lab', 'x', {method: 'PUT'}); ctx.send('archive');"
                                 "ctx.reply(ctx.message.attributes.path, {status: 201})"}),
                    *message);
  REQUIRE(result.outputs.size() == 2);
  CHECK(*result.outputs[0].attributes == Attributes{{"path", "/out"}, {"method", "PUT"}});
  CHECK(*result.outputs[1].attributes == Attributes{{"path", "/out"}, {"method", "POST"}});
  CHECK(*result.reply == "/out");
  CHECK(*find_attribute(result.reply_attributes, "status") == "201");
}
