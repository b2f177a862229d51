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
                  [this](ChannelId id) { return id.value == 1 ? &channel : nullptr; }};
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

}  // namespace
}  // namespace causeway::channel
