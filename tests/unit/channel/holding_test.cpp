// Lanes that a person stops and lets go.
#include "engine/channel/holding.h"

#include "tests/unit/channel/channel_rig.h"

namespace causeway::channel {
namespace {

constexpr WorkQueue runs{ChannelId{1}, {}}, to_lab{ChannelId{1}, DestinationId{11}};

struct MemoryHolds final : LaneHolds {
  std::map<HeldLane, LaneHold> rows;
  Status put(const std::vector<LaneHold>& holds) override {
    for (const auto& hold : holds) rows[hold.held] = hold;
    return Done{};
  }
  Result<bool> remove(const std::vector<HeldLane>& lanes) override {
    std::size_t removed = 0;
    for (const auto& lane : lanes) removed += rows.erase(lane);
    return removed > 0;
  }
  Result<std::vector<LaneHold>> all() override {
    std::vector<LaneHold> all;
    for (const auto& [lane, hold] : rows) all.push_back(hold);
    return all;
  }
};

struct HoldRig : Rig {
  MemoryHolds holds;
  Holding holding{holds, store,
                  [this](ChannelId id) { return id == channel.id() ? &channel : nullptr; }};

  Status hold(WorkQueue queue, std::optional<MessageId> lane_of = {}) {
    auto held = holding.hold({queue, lane_of}, "ann", "the lab moves", events.now());
    settle();
    return held ? Status(Done{}) : Status(held.error());
  }
  Status let_go(HoldSelection selection) {
    auto gone = holding.let_go(selection);
    settle();
    return gone ? Status(Done{}) : Status(gone.error());
  }
  MessageId message(const std::string& control_id) {
    for (const auto& [id, arrival] : disk.messages)
      if (arrival.control_id == control_id) return id;
    FAIL("no such message");
    return {};
  }
  std::vector<std::string> sent_to(const ScriptedSink& sink) {
    std::vector<std::string> ids;
    for (const auto& each : sink.sent)
      ids.push_back(disk.messages.at(each.work.message).control_id);
    return ids;
  }
  std::vector<HeldLane> held() {
    std::vector<HeldLane> lanes;
    for (const auto& [lane, hold] : holds.rows) lanes.push_back(lane);
    return lanes;
  }
};

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(HoldRig, "Holding: a lane stands still, others don't, and it goes on in order") {
  start();
  offer("A1", "ADT", "P1");
  settle();
  REQUIRE(hold(to_lab, message("A1")).ok());
  offer("A2", "ADT", "P1");
  offer("B1", "ADT", "P2");
  offer("A3", "ADT", "P1");
  settle();
  CHECK(sent_to(lab) == Ids{"A1", "B1"});
  CHECK(sent_to(archive) == Ids{"A1", "A2", "B1", "A3"});
  CHECK(disk.attention.size() == 2);  // listed: the mark of the others goes on
  channel.catch_up();
  settle();
  CHECK(disk.low_waters.at(to_lab) == disk.last);
  REQUIRE(let_go({to_lab, message("A1")}).ok());
  CHECK(sent_to(lab) == Ids{"A1", "B1", "A2", "A3"});
  CHECK(disk.attention.empty());
  CHECK(let_go({to_lab, message("A1")}).error().kind == ErrorKind::NotFound);
}

TEST_CASE_METHOD(HoldRig, "Holding: what is being sent ends, and nothing follows it") {
  start();
  lab.delay = milliseconds(300);
  offer("A1", "ADT", "P1");
  offer("A2", "ADT", "P1");
  settle(milliseconds(50));
  REQUIRE(sent_to(lab) == Ids{"A1"});
  REQUIRE(hold(to_lab, message("A1")).ok());
  settle();
  CHECK(sent_to(lab) == Ids{"A1"});
  CHECK(disk.attention.size() == 1);
  REQUIRE(let_go({to_lab, {}, true}).ok());
  CHECK(sent_to(lab) == Ids{"A1", "A2"});
}

TEST_CASE_METHOD(HoldRig, "Holding: a whole queue, of deliveries or of runs") {
  start();
  REQUIRE(hold(to_lab).ok());
  offer("A1", "ADT", "P1");
  settle();
  CHECK(lab.sent.empty());
  CHECK(archive.sent.size() == 1);
  REQUIRE(hold(runs).ok());
  offer("A2", "ADT", "P1");
  settle();
  CHECK(archive.sent.size() == 1);
  REQUIRE(let_go({runs}).ok());
  CHECK(archive.sent.size() == 2);
  REQUIRE(let_go({to_lab}).ok());
  CHECK(sent_to(lab) == Ids{"A1", "A2"});
}

TEST_CASE_METHOD(HoldRig, "Holding: a start reads what is held") {
  start();
  offer("A1", "ADT", "P1");
  settle();
  REQUIRE(hold(to_lab, message("A1")).ok());
  offer("A2", "ADT", "P1");
  settle();
  channel.stop();
  Channel next{
      ChannelId{1},
      "test/channel",
      {store, store, store, store, workers, executor, events, log, metrics, nullptr, &orders}};
  REQUIRE(next.start(deployment, {{}, disk.last, {}, true, held()}).ok());
  settle(seconds(30));
  CHECK(sent_to(lab) == Ids{"A1"});
  next.hold(held().front(), false);
  settle(seconds(30));
  CHECK(sent_to(lab) == Ids{"A1", "A2"});
}

TEST_CASE_METHOD(HoldRig, "Holding: runs of a lane") {
  start();
  offer("A1", "ADT", "P1");
  settle();
  REQUIRE(hold(runs, message("A1")).ok());
  offer("A2", "ADT", "P1");
  offer("B1", "ADT", "P2");
  settle();
  CHECK(sent_to(archive) == Ids{"A1", "B1"});
  REQUIRE(let_go({runs, message("A2")}).ok());
  CHECK(sent_to(archive) == Ids{"A1", "B1", "A2"});
}

TEST_CASE_METHOD(HoldRig, "Holding: what can't be held is refused") {
  deployment->keys.order = Order::None;
  start();
  offer("A1", "ADT", "P1");
  settle();
  CHECK(hold(to_lab, message("A1")).error().kind == ErrorKind::Conflict);
  CHECK(hold(to_lab, MessageId{77}).error().kind == ErrorKind::NotFound);
  CHECK(hold({ChannelId{2}, {}}).error().kind == ErrorKind::NotFound);
  CHECK(holds.rows.empty());
}

}  // namespace causeway::channel
