// A look-up as a stage: what it asks, what later stages see, what is recorded, what failure does.
#include "engine/pipeline/enrich/enrich_stage.h"

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/unit/pipeline/enrich/enriching.h"

using namespace causeway;
using namespace causeway::pipeline;
using namespace causeway::pipeline::testing;

namespace {

const std::string adt = "MSH|^~\\&|A|B|C|D|20240102||ADT^A01|1|P|2.5\rPID|1||7\rPV1|1|I|W1\r";

struct Enriching {
  explicit Enriching(const std::string& ask, const std::string& use,
                     const std::string& members = "") {
    write("id,name\nW1,Ward one\n");
    settings.destinations = {"lab"};
    settings.scripts = {{"ask.js", "export default (msg, ctx) => {" + ask + "}"},
                        {"use.js", "export default (msg, ctx) => {" + use + "}"}};
    settings.stages.push_back(stage_of(R"("table": {"path": ")" + path() + "\"}" + members));
    config::StageConfig transform;
    transform.type = "transform";
    transform.script.file = "use.js";
    settings.stages.push_back(transform);
  }

  std::string path() const { return (folder.path() / "wards.csv").string(); }
  void write(const std::string& text) { std::ofstream(path()) << text; }

  RunResult run(const std::vector<RecordedInput>* recorded = nullptr) {
    StoredMessage message;
    message.id = MessageId{1};
    message.arrival.draft.content_type = ContentType::Hl7v2;
    message.arrival.draft.body = Body(make_bytes(adt));
    auto factory = make_pipeline(settings);
    REQUIRE(factory);
    auto transformation = (*factory)->make();
    REQUIRE(transformation);
    return (*transformation)->run({.message = message, .recorded = recorded});
  }
  /// What the destination gets, or "KIND: text" of the error.
  std::string output(const std::vector<RecordedInput>* recorded = nullptr) {
    const auto result = run(recorded);
    if (result.state == RunState::Failed) {
      const auto& error = *result.steps.back().error;
      return std::string(to_string(error.kind)) + ": " + error.str();
    }
    return std::string(result.outputs.at(0).body.view());
  }

  causeway::testing::TemporaryFolder folder;
  PipelineSettings settings;
};

const std::string ask_ward = "return msg.get('PV1-3')";
const std::string tell = "return JSON.stringify(ctx.enriched('found'))";

}  // namespace

TEST_CASE("what is looked up is known to later stages, and recorded") {
  Enriching enriching(ask_ward, tell);
  const auto result = enriching.run();
  REQUIRE(result.outputs.size() == 1);
  CHECK(result.outputs[0].body.view() == R"({"id":"W1","name":"Ward one"})");
  REQUIRE(result.inputs.size() == 1);
  CHECK(result.inputs[0].stage == "found");
  CHECK(result.inputs[0].name == "\"W1\"");
  CHECK(*result.inputs[0].bytes == R"({"id":"W1","name":"Ward one"})");
  CHECK(result.steps.at(0).stage == "found");
  CHECK(result.steps[0].log.find("answered with") != std::string::npos);
}

TEST_CASE("a run with recorded inputs asks nobody, and fails for what isn't recorded") {
  Enriching enriching(ask_ward, tell);
  std::vector<RecordedInput> recorded{{"found", "\"W1\"", make_bytes("{\"name\":\"then\"}")}};
  CHECK(enriching.output(&recorded) == R"({"name":"then"})");
  recorded[0].name = "\"W2\"";
  CHECK(enriching.output(&recorded) == "not_found: found: no answer is given to \"W1\"");
  recorded[0].name = any_request;
  CHECK(enriching.output(&recorded) == R"({"name":"then"})");
  recorded[0].bytes = nullptr;
  CHECK(enriching.output(&recorded) == "unavailable: found: it has failed");
}

TEST_CASE("where nothing is asked, the answer is null, as where there is none") {
  CHECK(Enriching("", tell).output() == "null");
  CHECK(Enriching("return null", tell).output() == "null");
  Enriching unknown("return 'W9'", tell);
  CHECK(unknown.output() == "null");
  CHECK(*unknown.run().inputs.at(0).bytes == "null");
}

TEST_CASE("what a look-up that fails does is the channel's to say") {
  const auto gone = [](const std::string& on_failure) {
    Enriching enriching(ask_ward, tell, R"(, "tries": 1, "on_failure": ")" + on_failure + "\"");
    std::filesystem::remove(enriching.path());
    return enriching.run();
  };
  const auto fails = gone("fail");
  CHECK(fails.state == RunState::Failed);
  CHECK(!fails.again);
  const auto goes_on = gone("null");
  REQUIRE(goes_on.state == RunState::Passed);
  CHECK(goes_on.outputs[0].body.view() == "null");
  CHECK(goes_on.inputs.at(0).bytes == nullptr);
  CHECK(gone("wait").again);
}

TEST_CASE("what a request's script does wrong fails the run, whatever the policy") {
  for (const auto* ask : {"return [1]", "return {path: 'x'}", "return true"}) {
    INFO(ask);
    CHECK(Enriching(ask, tell, R"(, "on_failure": "null")").output().starts_with("invalid: found"));
  }
  for (const auto* ask : {"ctx.send('lab')", "ctx.drop('x')", "ctx.reply('x')", "null.x",
                          "return () => 1", "ctx.enriched('found')"}) {
    INFO(ask);
    CHECK(Enriching(ask, tell, R"(, "on_failure": "null")").output().starts_with("script: ask.js"));
  }
}

TEST_CASE("a stage is known by its name, after it") {
  CHECK(Enriching(ask_ward, "return ctx.enriched('fuond')").output().find("there are: found") !=
        std::string::npos);
}

TEST_CASE("one request is asked once in a run, for all parts") {
  Enriching enriching("return msg", "return ctx.enriched('found').name + msg");
  enriching.settings.scripts["split.js"] = "export default () => ['W1', 'W1', 'W1']";
  config::StageConfig split;
  split.type = "split";
  split.script.file = "split.js";
  enriching.settings.stages.insert(enriching.settings.stages.begin(), split);
  const auto result = enriching.run();
  REQUIRE(result.outputs.size() == 3);
  CHECK(result.outputs[2].body.view() == "Ward oneW1");
  CHECK(result.inputs.size() == 1);
}

TEST_CASE("a table is read again when it has changed") {
  Enriching enriching(ask_ward, "return ctx.enriched('found')?.name ?? 'none'",
                      R"(, "cache": {"age_ms": 0}, "tries": 1)");
  CHECK(enriching.output() == "Ward one");
  enriching.write("id,name\nW1,Another\n");
  CHECK(enriching.output() == "Another");
  enriching.write("id,name\nW1,too,many\n");
  CHECK(enriching.output().find("the table is malformed") != std::string::npos);
}

TEST_CASE("where nobody may be asked, only what is recorded is told") {
  Enriching enriching(ask_ward, tell);
  enriching.settings.lookups.asks = false;
  CHECK(enriching.output().find("nobody may be asked here") != std::string::npos);
}

TEST_CASE("a pipeline with a look-up waits, one without doesn't") {
  Enriching enriching(ask_ward, tell);
  CHECK((*make_pipeline(enriching.settings))->waits());
  enriching.settings.stages.erase(enriching.settings.stages.begin());
  CHECK(!(*make_pipeline(enriching.settings))->waits());
}
