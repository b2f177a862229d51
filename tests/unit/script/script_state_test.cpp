// ctx.counter, ctx.state and ctx.setState: what a run sees of its lane's state, and what it leaves.
#include <catch2/catch.hpp>

#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

namespace {

class Lane final : public StateReader {
 public:
  Result<std::optional<std::string>> read(std::string_view name) override {
    ++reads;
    if (failure) return *failure;
    auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  }

  std::map<std::string, std::string, std::less<>> values;
  std::optional<Error> failure;
  int reads = 0;
};

ScriptInput input_of(StateReader* state) {
  ScriptInput input;
  input.content = {ContentType::Hl7v2, make_bytes(adt)};
  input.state = state;
  return input;
}

struct StateRunner {
  explicit StateRunner(const std::string& script, std::uint32_t verify_one_in = 0) {
    ScriptLimits limits;
    limits.verify_one_in = verify_one_in;
    module = *ScriptModule::compile(sources_of(body(script)), limits);
    instance.emplace(module);
  }

  ScriptRun run(StateReader* state) { return instance->run(input_of(state)); }
  /// Runs, and puts what it leaves into the lane; what it returned, or "error: …".
  std::string text() {
    auto done = run(&lane);
    if (!done.output) return "error: " + done.output.error().str();
    for (const auto& change : done.output->changes) lane.values[change.name] = change.value;
    return *done.output->contents.at(0).bytes;
  }

  std::shared_ptr<const ScriptModule> module;
  std::optional<ScriptInstance> instance;
  Lane lane;
};

}  // namespace

TEST_CASE("a counter gives the numbers of its lane, one after the other") {
  StateRunner runner("return [ctx.counter('a'), ctx.counter('a'), ctx.counter('b')].join()");
  CHECK(runner.text() == "1,2,1");
  CHECK(runner.text() == "3,4,2");
  CHECK(runner.lane.values.at("counter a") == "4");
  runner.lane.values["counter a"] = "9007199254740990";
  CHECK(contains(runner.text(), "t.js:1:"));
  CHECK(contains(runner.text(), "ctx.counter: it has come to its end"));
}

TEST_CASE("state is read as the run before left it, and as the run itself has changed it") {
  StateRunner runner(
      "const before = ctx.state('x');"
      "ctx.setState('x', {n: (before?.n ?? 0) + 1, of: 'J\\u00f6rg'});"
      "return JSON.stringify([before ?? null, ctx.state('x')])");
  CHECK(runner.text() == "[null,{\"n\":1,\"of\":\"J\xF6rg\"}]");
  CHECK(runner.lane.values.at("state x") == "{\"n\":1,\"of\":\"J\xC3\xB6rg\"}");
  CHECK(contains(runner.text(), "[{\"n\":1,"));
}

TEST_CASE("undefined forgets a value, null is one") {
  StateRunner runner(
      "const was = ctx.state('x'); ctx.setState('x', was === undefined ? null : undefined);"
      "return String(was)");
  CHECK(runner.text() == "undefined");
  CHECK(runner.text() == "null");
  CHECK(runner.lane.values.at("state x").empty());
  CHECK(runner.text() == "undefined");
}

TEST_CASE("counters and values of one name are apart") {
  StateRunner runner("ctx.setState('a', 'x'); return ctx.counter('a') + ctx.state('a')");
  CHECK(runner.text() == "1x");
  CHECK(runner.text() == "2x");
}

TEST_CASE("a number that a double can't hold is kept as it was written") {
  StateRunner runner("return ctx.json(ctx.state('x'))");
  runner.lane.values["state x"] = "{\"id\":12345678901234567890}";
  CHECK(runner.text() == "{\"id\":12345678901234567890}");
}

TEST_CASE("what can't be kept is refused, with its place") {
  for (const auto& [script, said] : std::vector<std::pair<std::string, std::string>>{
           {"ctx.counter()", "ctx.counter: give a name, as a string"},
           {"ctx.state('')", "ctx.state: a name has 1 to 248 bytes"},
           {"ctx.counter('x'.repeat(249))", "a name has 1 to 248 bytes"},
           {"ctx.setState('x')", "ctx.setState: give a value; undefined forgets it"},
           {"ctx.setState('x', () => 1)", "has no place in JSON"},
           {"ctx.setState('x', 'y'.repeat(65536))", "the value has 65538 bytes; 65536 are allowed"},
           {"for (let i = 0; i < 65; i++) ctx.counter('c' + i)", "a run may change 64 names"}}) {
    INFO(script);
    const auto text = StateRunner(script).text();
    CHECK(contains(text, said));
    CHECK(contains(text, "t.js:1:"));
  }
}

TEST_CASE("without a lane there is no state") {
  auto run = StateRunner("ctx.counter('a')").run(nullptr);
  REQUIRE(!run.output);
  CHECK(contains(run.output.error().text, "order_by"));
}

TEST_CASE("no script can go on without the store") {
  StateRunner runner("try { ctx.state('x') } catch { } return 'went on'");
  runner.lane.failure = Error{ErrorKind::Unavailable, "", "the database is away"};
  CHECK(contains(runner.text(), "the store is away"));
  runner.lane.failure = Error{ErrorKind::Limit, "", "too many"};
  CHECK(runner.text() == "went on");
}

TEST_CASE("a run that is repeated in a fresh realm sees the same state, and must leave the same") {
  StateRunner same("return String(ctx.counter('a'))", 1);
  for (int i = 1; i < 5; ++i) CHECK(same.text() == std::to_string(i));
  ScriptLimits limits;
  limits.verify_one_in = 1;
  auto module = ScriptModule::compile(
      sources_of("let n = 0; export default (msg, ctx) => { ctx.setState('x', ++n); return 'x' }"),
      limits);
  REQUIRE(module);
  ScriptInstance instance(*module);
  Lane lane;
  const auto input = input_of(&lane);
  CHECK(instance.run(input).output.ok());
  const auto second = instance.run(input);
  REQUIRE(!second.output);
  CHECK(contains(second.output.error().text, "another result in a fresh realm"));
}
