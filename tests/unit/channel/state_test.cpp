// What the runs of a lane leave to one another, and what of it is recorded.
#include "tests/unit/channel/channel_rig.h"

namespace causeway::channel {
namespace {

/// Counts the messages of its lane, and sends the count on.
struct Counter final : Transformation, TransformationFactory {
  explicit Counter(std::size_t how_many = 1) : names(how_many) {}
  std::size_t names;
  RunResult run(const RunInput& input) override {
    RunResult result;
    auto before = input.state->read("n");
    if (!before) {
      result.state = RunState::Failed;
      result.steps.push_back({"script", "", before.error(), {}});
      return result;
    }
    const auto count = std::to_string(*before ? std::stoi(**before) + 1 : 1);
    result.changes.push_back({"n", count});
    for (std::size_t i = 1; i < names; ++i)
      result.changes.push_back({"n" + std::to_string(i), std::string(1000, 'x')});
    result.outputs.push_back({"lab", ContentType::Text, Body(make_bytes(count)), false});
    result.inputs.push_back({"look_up", "MRN", make_bytes("answer")});
    if (input.message.arrival.type == "FAIL") result.state = RunState::Failed;
    return result;
  }
  Result<std::unique_ptr<Transformation>> make() const override {
    return std::unique_ptr<Transformation>(std::make_unique<Counter>(names));
  }
};

struct StateRig : Rig {
  StateRig() { deployment->transformation = std::make_shared<Counter>(); }
  std::vector<std::string> sent() const {
    std::vector<std::string> all;
    for (const auto& delivery : lab.sent) all.emplace_back(delivery.body.view());
    return all;
  }
  using Texts = std::vector<std::string>;
};

TEST_CASE_METHOD(StateRig, "the next run of a lane sees what the one before has left") {
  start();
  for (auto id : {"C1", "C2", "C3"}) offer(id, "ADT", "P1");
  offer("C4", "ADT", "P2");
  settle();
  auto all = sent();
  std::sort(all.begin(), all.end());
  CHECK(all == Texts{"1", "1", "2", "3"});
  REQUIRE(disk.states.size() == 2);
}

TEST_CASE_METHOD(StateRig, "after a start the state is as it was committed") {
  start();
  offer("C1");
  offer("C2");
  settle();
  channel.stop();
  Channel next{ChannelId{1},
               "test/channel",
               {store, store, store, store, workers, executor, events, log, metrics}};
  REQUIRE(next.start(deployment, {{}, disk.last, {}, true}).ok());
  Draft draft = disk.messages.begin()->second.draft;
  next.accept(std::move(draft), {}, {});
  settle();
  CHECK(sent() == Texts{"1", "2", "3"});
  next.stop();
}

TEST_CASE_METHOD(StateRig, "a run that fails leaves nothing") {
  deployment->on_error = Trouble::ParkAndContinue;
  start();
  offer("C1");
  offer("C2", "FAIL");
  offer("C3");
  settle();
  CHECK(sent() == Texts{"1", "2"});
  for (const auto& [key, row] : disk.passages)
    CHECK(row.passage.states.empty() == (row.passage.state == RunState::Failed));
}

TEST_CASE_METHOD(StateRig, "what a run was told is recorded with its passage") {
  start();
  offer("C1");
  offer("C2");
  settle();
  REQUIRE(disk.passages.size() == 2);
  const auto& first = disk.passages.begin()->second.passage.inputs;
  REQUIRE(first.size() == 2);
  CHECK(first[0].stage == "look_up");
  CHECK(*first[0].bytes == "answer");
  CHECK(first[1].stage.empty());
  CHECK(first[1].name == "n");
  CHECK_FALSE(first[1].bytes);
  CHECK(*disk.passages.rbegin()->second.passage.inputs[1].bytes == "1");
}

TEST_CASE_METHOD(StateRig, "without order there is no state; and it has limits") {
  SECTION("no order") {
    deployment->keys.order = Order::None;
    start();
    offer("C1");
    settle();
    CHECK(only_row().kind == ErrorKind::Invalid);
    CHECK(only_row().reason.find("keeps no order") != std::string::npos);
  }
  SECTION("too many changes") {
    deployment->transformation = std::make_shared<Counter>(limits::state_changes_max + 1);
    start();
    offer("C1");
    settle();
    CHECK(only_row().kind == ErrorKind::Limit);
  }
  CHECK(lab.sent.empty());
  CHECK(disk.states.empty());
}

TEST_CASE_METHOD(StateRig,
                 "while the store is away a run that reads state waits, and is not failed") {
  bool away = true;
  test::MemoryStore flaky{
      disk,
      {.schedule = [this](auto task) { events.after(milliseconds(1), 0, task); },
       .clock = &events,
       .fails = [&away] { return away; }}};
  Channel waiting{ChannelId{1},
                  "test/channel",
                  {flaky, flaky, flaky, flaky, workers, executor, events, log, metrics}};
  away = false;
  REQUIRE(waiting.start(deployment, {{}, disk.last, {}, false}).ok());
  Draft draft;
  draft.content_type = ContentType::Hl7v2;
  draft.body = Body(make_bytes("MSH|^~\\&|A|F|B|G|1||ADT|C1|P|2.5\rPID|1||P1\r"));
  waiting.accept(std::move(draft), [&away](const Result<Receipt>&) { away = true; }, {});
  settle(seconds(3));
  CHECK(lab.sent.empty());
  CHECK(disk.attention.empty());
  away = false;
  settle(seconds(3));
  CHECK(sent() == Texts{"1"});
  waiting.stop();
}

TEST_CASE("values on the way to the journal are kept, others are forgotten when there are many") {
  simulation::Events events{1};
  test::MemoryDisk disk;
  test::MemoryStore store{disk, {.schedule = [](const auto&) {}, .clock = &events}};
  StateCache cache{ChannelId{1}, store, store};
  const std::string large(limits::state_value_bytes, 'v');
  auto first = cache.rows_of(0, {{"name", "first"}});
  cache.written(first);
  std::vector<StateRow> others;
  for (std::uint64_t lane = 1; lane <= limits::state_cache_bytes / large.size() + 10; ++lane)
    for (auto& row : cache.rows_of(lane, {{"name", large}})) others.push_back(std::move(row));
  cache.written(others);
  CHECK(**cache.read(0, "name") == "first");
  CHECK(**cache.read(1, "name") == large);
  cache.answered(others, true);
  CHECK(**cache.read(0, "name") == "first");
  CHECK_FALSE(*cache.read(2, "name"));  // the longest unused: of the store, which has none
  cache.answered(first, false);
  CHECK_FALSE(*cache.read(0, "name"));
}

}  // namespace
}  // namespace causeway::channel
