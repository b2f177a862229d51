// What a person decides about held, parked and waiting work.
#include "engine/channel/mending.h"

#include "tests/unit/channel/channel_rig.h"

namespace causeway::channel {
namespace {

struct MendingRig : Rig {
  Mending mending{store,
                  [this] {
                    std::optional<Status> committed;
                    store.settle({}, [&](const Status& status) { committed = status; });
                    while (!committed && events.step(events.elapsed() + seconds(1))) {
                    }
                    return committed.value();
                  },
                  [this](ChannelId id) { return id.value == 1 ? &channel : nullptr; },
                  [this](Channel& to, Draft draft) {
                    std::optional<Result<Receipt>> receipt;
                    to.keep_edit(std::move(draft),
                                 [&](const Result<Receipt>& got) { receipt = got; });
                    while (!receipt && events.step(events.elapsed() + seconds(1))) {
                    }
                    return receipt.value();
                  }};
  MendingSelection of_lab() {
    MendingSelection selection;
    selection.queue = {ChannelId{1}, DestinationId{11}};
    return selection;
  }
  /// Three messages of P1 and one of P2; the first of each is refused by the lab and held.
  void hold_two_lanes() {
    deployment->destinations[0].policy.on_rejected = Trouble::HoldLane;
    deployment->destinations.pop_back();
    deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
    start();
    lab.outcomes = {Outcome::Rejected};
    offer("C1");
    settle();
    offer("C2");
    offer("C3");
    lab.outcomes = {Outcome::Rejected};
    offer("C4", "ADT", "P2");
    settle();
    REQUIRE(lab.sent.size() == 2);
  }
  std::vector<std::string> control_ids() {
    std::vector<std::string> ids;
    for (const auto& delivery : lab.sent)
      ids.push_back(disk.messages.at(delivery.work.message).control_id);
    return ids;
  }
  MessageId number(const std::string& control_id) {
    for (const auto& [id, arrival] : disk.messages)
      if (arrival.control_id == control_id) return id;
    FAIL("no message " << control_id);
    return {};
  }
  using Ids = std::vector<std::string>;
  AttentionRow only_held() {
    std::vector<AttentionRow> held;
    for (const auto& [work, row] : disk.attention)
      if (row.state == AttentionState::Held) held.push_back(row);
    REQUIRE(held.size() == 1);
    return held.front();
  }
};

TEST_CASE_METHOD(MendingRig, "retry sends what is held, and its lane goes on in order") {
  hold_two_lanes();
  auto result = mending.decide(of_lab(), MendingVerb::Retry, "mended the lab");
  REQUIRE(result.ok());
  CHECK(result->done.size() == 2);
  CHECK(result->refused.empty());
  settle();
  CHECK(control_ids().size() == 6);
  const auto ids = control_ids();
  CHECK(Ids(ids.begin(), ids.begin() + 2) == Ids{"C1", "C4"});
  Ids of_p1;
  for (std::size_t i = 2; i < ids.size(); ++i)
    if (ids[i] != "C4") of_p1.push_back(ids[i]);
  CHECK(of_p1 == Ids{"C1", "C2", "C3"});
  CHECK(disk.attention.empty());
}

TEST_CASE_METHOD(MendingRig, "skip leaves out one message and lets its lane go on; others stay") {
  hold_two_lanes();
  auto selection = of_lab();
  selection.message = number("C1");
  auto result = mending.decide(selection, MendingVerb::Skip, "sent by hand");
  REQUIRE(result.ok());
  CHECK(result->done.size() == 1);
  settle();
  CHECK(control_ids() == Ids{"C1", "C4", "C2", "C3"});
  CHECK(disk.attention.size() == 1);
  // Nothing is left to decide about it.
  result = mending.decide(selection, MendingVerb::Retry, "again");
  REQUIRE(result.ok());
  CHECK(result->done.empty());
  settle();
  CHECK(lab.sent.size() == 4);
}

TEST_CASE_METHOD(MendingRig, "a lane is chosen by any message in it") {
  hold_two_lanes();
  auto selection = of_lab();
  selection.lane_of = number("C1");
  auto chosen = mending.select(selection);
  REQUIRE(chosen.ok());
  CHECK(chosen->done.size() == 1);
  selection.states = {AttentionState::Held, AttentionState::Behind};
  chosen = mending.select(selection);
  REQUIRE(chosen.ok());
  CHECK(chosen->done.size() == 3);
  selection.rows_max = 2;
  chosen = mending.select(selection);
  REQUIRE(chosen.ok());
  CHECK(chosen->done.size() == 2);
  CHECK(chosen->more);
  selection.lane_of = MessageId{1};
  CHECK(mending.select(selection).error().kind == ErrorKind::NotFound);
}

TEST_CASE_METHOD(MendingRig, "what is parked is sent once, however often it is let go") {
  deployment->destinations[0].policy.on_rejected = Trouble::ParkAndContinue;
  start();
  lab.outcomes = {Outcome::Rejected};
  offer("C1");
  settle();
  REQUIRE(only_row().state == AttentionState::Parked);
  auto first = mending.decide(of_lab(), MendingVerb::Retry, "one");
  auto second = mending.decide(of_lab(), MendingVerb::Retry, "two");
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(first->done.size() == 1);
  CHECK(second->done.empty());
  settle();
  CHECK(lab.sent.size() == 2);
  CHECK(disk.attention.empty());
}

TEST_CASE_METHOD(MendingRig, "what may have arrived is sent again flagged") {
  start();
  lab.outcomes = {Outcome::Ambiguous};
  offer("C1");
  settle();
  REQUIRE(only_row().state == AttentionState::Held);
  REQUIRE(mending.decide(of_lab(), MendingVerb::Retry, "asked the lab").ok());
  settle();
  REQUIRE(lab.sent.size() == 2);
  CHECK((lab.sent[1].flags & message_flags::possible_duplicate) != 0);
}

TEST_CASE_METHOD(MendingRig, "a run is retried or discarded, not delivered") {
  start();
  offer("C1", "FAIL");
  settle();
  MendingSelection runs;
  runs.queue = {ChannelId{1}, {}};
  CHECK(mending.decide(runs, MendingVerb::MarkDelivered, "no").error().kind == ErrorKind::Invalid);
  auto result = mending.decide(runs, MendingVerb::Discard, "test data");
  REQUIRE(result.ok());
  CHECK(result->done.size() == 1);
  settle();
  CHECK(disk.attention.empty());
  runs.queue.channel = ChannelId{2};
  CHECK(mending.decide(runs, MendingVerb::Retry, "").error().kind == ErrorKind::NotFound);
}

TEST_CASE_METHOD(MendingRig, "an edited delivery takes the place of the held one in its lane") {
  hold_two_lanes();
  auto selection = of_lab();
  selection.message = number("C1");
  auto edited = mending.edit(selection, Body(make_bytes("MSH|edited")), "why", events.now());
  REQUIRE(edited.ok());
  settle();
  REQUIRE(lab.sent.size() == 5);
  CHECK(lab.sent[2].body.view() == "MSH|edited");
  CHECK(lab.sent[2].work.message == number("C1"));
  // The content is a message of its own, linked, and not run.
  const auto& kept = disk.messages.at(edited->content);
  CHECK(kept.draft.links.at(0).kind == LinkKind::Edit);
  CHECK(kept.draft.links.at(0).parent == number("C1"));
  CHECK(disk.passages.at({edited->content, RunNumber{1}}).passage.state == RunState::Suppressed);
  CHECK(disk.messages.at(number("C1")).draft.body.view().substr(0, 4) == "MSH|");
  // What is done can't be edited any more.
  edited = mending.edit(selection, Body(make_bytes("MSH|again")), "why", events.now());
  CHECK(edited.error().kind == ErrorKind::NotFound);
}

TEST_CASE_METHOD(MendingRig,
                 "an edited run goes through the channel in the place of the held one") {
  deployment->on_error = Trouble::HoldLane;
  deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  start();
  offer("C1", "FAIL");
  offer("C2");
  settle();
  CHECK(lab.sent.empty());
  auto selection = of_lab();
  selection.queue.destination = {};
  selection.message = number("C1");
  // It fails by its type as it is stored: the content alone can't mend that, and it is held again,
  // with the content that it was given.
  auto edited = mending.edit(selection, Body(make_bytes("MSH|first edit")), "why", events.now());
  REQUIRE(edited.ok());
  settle();
  REQUIRE(only_held().work.run == RunNumber{2});
  CHECK((only_held().flags & edited_flag) != 0);
  deployment = std::make_shared<Deployment>(*deployment);
  struct Passes final : Transformation, TransformationFactory {
    RunResult run(const RunInput& input) override {
      RunResult result;
      result.outputs.push_back(
          {"lab", ContentType::Hl7v2, input.message.arrival.draft.body, true, {}});
      return result;
    }
    Result<std::unique_ptr<Transformation>> make() const override {
      return std::unique_ptr<Transformation>(std::make_unique<Passes>());
    }
  };
  deployment->transformation = std::make_shared<Passes>();
  channel.deploy(deployment);
  edited = mending.edit(selection, Body(make_bytes("MSH|second edit")), "why", events.now());
  REQUIRE(edited.ok());
  settle();
  REQUIRE(lab.sent.size() == 2);
  CHECK(lab.sent[0].body.view() == "MSH|second edit");
  CHECK(control_ids() == Ids{"C1", "C2"});
  const auto& passage = disk.passages.at({number("C1"), RunNumber{3}}).passage;
  CHECK_FALSE(passage.deliveries.at(0).same_as_input);
  CHECK(disk.attention.empty());
}

TEST_CASE_METHOD(MendingRig, "what has another content, and waits, is not given a further one") {
  hold_two_lanes();
  auto selection = of_lab();
  selection.message = number("C1");
  lab.outcomes = {Outcome::Deferred};
  REQUIRE(mending.edit(selection, Body(make_bytes("MSH|first")), "why", events.now()).ok());
  settle(milliseconds(100));
  REQUIRE(disk.attention.at(lab.sent.back().work).state == AttentionState::Waiting);
  const auto again = mending.edit(selection, Body(make_bytes("MSH|second")), "why", events.now());
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().kind == ErrorKind::Conflict);
  settle(seconds(20));
  CHECK(std::count_if(lab.sent.begin(), lab.sent.end(), [](const StoredDelivery& each) {
          return each.body.view() == "MSH|first";
        }) == 2);
  for (const auto& delivery : lab.sent) CHECK(delivery.body.view() != "MSH|second");
}

TEST_CASE_METHOD(MendingRig, "a content is not used where somebody else has decided meanwhile") {
  hold_two_lanes();
  auto selection = of_lab();
  selection.message = number("C1");
  std::optional<Result<Receipt>> receipt;
  Mending slow{store, [] { return Status(Done{}); }, [this](ChannelId) { return &channel; },
               [&](Channel& to, Draft draft) {
                 REQUIRE(mending.decide(selection, MendingVerb::Skip, "by hand").ok());
                 to.keep_edit(std::move(draft), [&](const Result<Receipt>& got) { receipt = got; });
                 while (!receipt && events.step(events.elapsed() + seconds(1))) {
                 }
                 return receipt.value();
               }};
  const auto edited = slow.edit(selection, Body(make_bytes("MSH|late")), "why", events.now());
  CHECK(edited.error().kind == ErrorKind::Conflict);
  settle();
  for (const auto& delivery : lab.sent) CHECK(delivery.body.view() != "MSH|late");
}

}  // namespace
}  // namespace causeway::channel
