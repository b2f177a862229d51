// A whole channel over the store in memory and simulated time: replies, duplicates, hops, limits,
// and what a person decides.
#include "tests/unit/channel/channel_rig.h"

namespace causeway::channel {
namespace {

TEST_CASE_METHOD(Rig, "a stored message is answered, sent to all destinations, and told in full") {
  start();
  offer("C1");
  settle();
  REQUIRE(replies.size() == 1);
  CHECK(*replies[0].bytes == "accept stored");
  CHECK(lab.sent.size() == 1);
  CHECK(archive.sent.size() == 1);
  CHECK(disk.attention.empty());
  REQUIRE(disk.replies.size() == 1);
  CHECK(disk.replies.begin()->second.state == ReplyState::Sent);
  CHECK(disk.low_waters.at({ChannelId{1}, DestinationId{11}}) == disk.last);
}

TEST_CASE_METHOD(Rig, "a staged body's keys are read from the bytes at hand, which are not kept") {
  start();
  const std::string text = "MSH|^~\\&|A|F|B|G|1||ADT|C1|P|2.5\rPID|1||P1\rNTE|" +
                           std::string(limits::inline_body_bytes, 'x') + "\r";
  auto writer = *store.begin();
  REQUIRE(writer->append(text).ok());
  Draft draft;
  draft.content_type = ContentType::Hl7v2;
  draft.body = *writer->finish();
  draft.at_hand = make_bytes(text);
  std::weak_ptr<const std::string> whole = draft.at_hand;
  REQUIRE(draft.body.is_staged());
  channel.accept(std::move(draft), {}, [this](Reply reply) { replies.push_back(reply); });
  CHECK(whole.expired());
  offer("C2", "ADT", "P1");
  settle();
  REQUIRE(replies.size() == 2);
  const auto& stored = disk.messages.begin()->second;
  CHECK(stored.control_id == "C1");
  CHECK((stored.flags & message_flags::unreadable) == 0);
  CHECK(stored.order_keys == disk.messages.rbegin()->second.order_keys);
  CHECK(*replies[0].bytes == "accept stored");
  REQUIRE(lab.sent.size() == 2);
  // It stays staged on its way: the sink reads it.
  REQUIRE(lab.sent[0].body.is_staged());
  CHECK(*store.read(lab.sent[0].body.staged(), 0, text.size()) == text);
}

TEST_CASE_METHOD(Rig, "on done: the worst outcome of all destinations") {
  deployment->reply.when = ReplyPolicy::When::Done;
  start();
  offer("C1");
  offer("C2", "DROP", "P2");
  offer("C3", "FAIL", "P3");
  offer("C4", "REPLY", "P4");
  settle();
  std::multiset<std::string> told;
  for (const auto& reply : replies) told.insert(*reply.bytes);
  CHECK(told ==
        std::multiset<std::string>{"accept done", "accept done", "error done", "from the script"});
  archive.outcomes = {Outcome::Rejected};
  replies.clear();
  offer("C5");
  settle();
  REQUIRE(replies.size() == 1);
  CHECK(*replies[0].bytes == "error done");
}

TEST_CASE_METHOD(Rig,
                 "from a destination: its own response; a wait that ends says the agreed code") {
  deployment->reply.when = ReplyPolicy::When::Destination;
  deployment->reply.destination = "lab";
  deployment->reply.timeout = seconds(5);
  start();
  lab.response = "MSH|lab's own answer";
  offer("C1");
  settle();
  REQUIRE(replies.size() == 1);
  CHECK(*replies[0].bytes == "MSH|lab's own answer");
  lab.silent = true;
  offer("C2", "ADT", "P2");
  settle(seconds(4));
  CHECK(replies.size() == 1);
  settle(seconds(3));
  REQUIRE(replies.size() == 2);
  CHECK(*replies[1].bytes == "error done");
  CHECK(disk.replies.at(replies[1].message).timed_out);
}

TEST_CASE_METHOD(Rig,
                 "duplicates are marked and linked; suppressed ones are answered and not sent") {
  deployment->duplicates = Duplicates::Suppress;
  start();
  offer("C1");
  offer("C1");  // while the first is still being committed
  settle();
  offer("C1");
  settle();
  CHECK(replies.size() == 3);
  CHECK(lab.sent.size() == 1);
  CHECK(disk.messages.size() == 3);
  auto last = disk.messages.rbegin();
  CHECK(last->second.flags & message_flags::suppressed);
  REQUIRE(last->second.draft.links.size() == 1);
  CHECK(last->second.draft.links[0].kind == LinkKind::DuplicateOf);
  CHECK(last->second.draft.links[0].parent == disk.messages.begin()->first);
}

TEST_CASE_METHOD(Rig, "what comes from the same origin again is told what the first was told") {
  deployment->reply.when = ReplyPolicy::When::Destination;
  deployment->reply.destination = "lab";
  start();
  auto offer_again = [&] {
    Draft draft;
    draft.content_type = ContentType::Json;
    draft.body = Body(make_bytes("{}"));
    draft.origin = Origin{"request 1", 0};
    channel.accept(std::move(draft), {}, [this](Reply reply) {
      channel.reply_sent(reply.message, ReplyState::Sent);
      replies.push_back(std::move(reply));
    });
  };
  lab.response = "first";
  offer_again();
  settle();
  lab.response = "second";
  offer_again();
  settle();
  REQUIRE(replies.size() == 2);
  CHECK(replies[1].message == replies[0].message);
  CHECK(*replies[1].bytes == "first");
  CHECK(replies[1].verdict.composed);
  CHECK(lab.sent.size() == 1);
  CHECK(disk.messages.size() == 1);
}

TEST_CASE_METHOD(Rig, "attributes of an output go to its destination, also after a start") {
  deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  start();
  lab.silent = true;
  Draft draft;
  draft.body = Body(make_bytes("text"));
  draft.attributes = std::make_shared<const Attributes>(Attributes{{"path", "/a"}});
  channel.accept(std::move(draft), {}, {});
  settle();
  REQUIRE(lab.sent.size() == 1);
  CHECK(*find_attribute(lab.sent[0].attributes, "path") == "/a");
  const auto stored = store.delivery(lab.sent[0].work);
  REQUIRE(stored);
  CHECK(*find_attribute(stored->attributes, "path") == "/a");
}

TEST_CASE_METHOD(Rig, "the same control id with another body is processed and flagged") {
  deployment->duplicates = Duplicates::Suppress;
  start();
  offer("C1");
  settle();
  offer("C1", "ADT", "P1", "OBX|1\r");
  settle();
  CHECK(lab.sent.size() == 2);
  CHECK(disk.messages.rbegin()->second.flags == message_flags::key_reuse);
}

TEST_CASE_METHOD(Rig, "a copy of a message that failed is processed") {
  deployment->duplicates = Duplicates::Suppress;
  deployment->destinations.pop_back();
  deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  start();
  lab.outcomes = {Outcome::Rejected};
  offer("C1");
  settle();
  CHECK(only_row().state == AttentionState::Parked);
  offer("C1");
  settle();
  CHECK(lab.sent.size() == 2);
}

TEST_CASE_METHOD(Rig, "a copy of a message that may have been accepted is suppressed") {
  deployment->duplicates = Duplicates::Suppress;
  deployment->destinations.pop_back();
  deployment->destinations[0].policy.on_ambiguous = OnAmbiguous::ParkAndContinue;
  deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  start();
  lab.outcomes = {Outcome::Ambiguous};
  offer("C1");
  settle();
  CHECK(only_row().state == AttentionState::Parked);
  offer("C1");
  settle();
  CHECK(lab.sent.size() == 1);
}

TEST_CASE_METHOD(Rig, "a copy of a message that failed is processed, also after a restart") {
  deployment->duplicates = Duplicates::Suppress;
  deployment->destinations.pop_back();
  deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  start();
  lab.outcomes = {Outcome::Rejected};
  offer("C1");
  offer("C2", "FAIL", "P2");
  settle();
  channel.stop();
  Channel next{ChannelId{1},
               "test/channel",
               {store, store, store, store, workers, executor, events, log, metrics}};
  auto seen = store.recent_duplicate_keys(100);
  REQUIRE(next.start(deployment, {{}, disk.last, *seen, false}).ok());
  const auto copy_of = [&](const char* control_id) {
    Draft draft;
    for (const auto& [id, arrival] : disk.messages)
      if (arrival.control_id == control_id) draft = arrival.draft;
    draft.links.clear();
    next.accept(std::move(draft), {}, [](const Reply&) {});
    settle();
    return disk.messages.rbegin()->second.flags;
  };
  CHECK(copy_of("C1") == message_flags::duplicate);
  CHECK(copy_of("C2") == message_flags::duplicate);
  CHECK(lab.sent.size() == 2);
  next.stop();
}

TEST_CASE_METHOD(Rig, "a held lane waits for a person; other lanes go on") {
  deployment->destinations[0].policy.on_rejected = Trouble::HoldLane;
  start();
  lab.outcomes = {Outcome::Rejected};
  offer("C1", "ADT", "P1");
  settle();
  offer("C2", "ADT", "P1");
  offer("C3", "ADT", "P2");
  settle();
  REQUIRE(lab.sent.size() == 2);
  CHECK(lab.sent[1].body.view().find("C3") != std::string::npos);
  auto held = disk.attention.begin()->second;
  CHECK(held.state == AttentionState::Held);
  SECTION("released, it is sent again and the lane goes on in order") {
    CHECK(channel.release(held, false).ok());
    settle();
    REQUIRE(lab.sent.size() == 4);
    CHECK(lab.sent[2].body.view().find("C1") != std::string::npos);
    CHECK(lab.sent[3].body.view().find("C2") != std::string::npos);
  }
  SECTION("skipped, the next goes") {
    CHECK(channel.close(held, WorkEvent::Skipped, "not wanted").ok());
    settle();
    REQUIRE(lab.sent.size() == 3);
    CHECK(lab.sent[2].body.view().find("C2") != std::string::npos);
    CHECK_FALSE(channel.close(held, WorkEvent::Skipped, "twice").ok());
  }
  CHECK(disk.attention.empty());
}

TEST_CASE_METHOD(Rig, "a failed run holds its lane; run again, it has a number of its own") {
  start();
  offer("C1", "FAIL");
  offer("C2");
  settle();
  CHECK(lab.sent.empty());
  auto held = disk.attention.begin()->second;
  CHECK(held.state == AttentionState::Held);
  CHECK(held.reason.find("x.js:1:1") != std::string::npos);
  auto mended = std::make_shared<Deployment>(*deployment);
  struct PassAll final : TransformationFactory {
    struct Pass final : Transformation {
      RunResult run(const RunInput& input) override {
        RunResult result;
        result.outputs.push_back(
            {"lab", ContentType::Hl7v2, input.message.arrival.draft.body, true});
        return result;
      }
    };
    Result<std::unique_ptr<Transformation>> make() const override {
      return std::unique_ptr<Transformation>(std::make_unique<Pass>());
    }
  };
  mended->transformation = std::make_shared<PassAll>();
  channel.deploy(mended);
  CHECK(channel.release(held, false).ok());
  settle();
  REQUIRE(lab.sent.size() == 2);
  CHECK(lab.sent[0].work.run == RunNumber{2});
  CHECK(lab.sent[1].body.view().find("C2") != std::string::npos);
  CHECK(disk.attention.empty());
}

TEST_CASE_METHOD(Rig,
                 "an ambiguous try is sent again only where duplicates are harmless, and flagged") {
  deployment->destinations[0].policy.on_ambiguous = OnAmbiguous::Retry;
  start();
  lab.outcomes = {Outcome::Ambiguous};
  archive.outcomes = {Outcome::Ambiguous};
  offer("C1");
  settle(seconds(10));
  REQUIRE(lab.sent.size() == 2);
  CHECK((lab.sent[1].flags & message_flags::possible_duplicate) != 0);
  CHECK(archive.sent.size() == 1);
  CHECK(only_row().state == AttentionState::Held);
}

TEST_CASE_METHOD(Rig,
                 "a paused destination keeps its queue; past its limit the source is held back") {
  deployment->destinations[0].policy.queue_max = 3;
  start();
  CHECK(channel.pause_destination("lab", true).ok());
  for (int i = 0; i < 3; ++i) offer("C" + std::to_string(i), "ADT", "P" + std::to_string(i));
  settle();
  CHECK(lab.sent.empty());
  CHECK(archive.sent.size() == 3);
  CHECK_FALSE(channel.wants_more());
  CHECK(channel.pause_destination("lab", false).ok());
  settle();
  CHECK(lab.sent.size() == 3);
  CHECK(channel.wants_more());
  CHECK_FALSE(channel.pause_destination("nowhere", true).ok());
}

TEST_CASE_METHOD(Rig, "a backlog far beyond the window is sent whole and in order") {
  deployment->keys.order = Order::Channel;
  deployment->destinations.pop_back();
  deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  start();
  CHECK(channel.pause_destination("lab", true).ok());
  const int count = static_cast<int>(limits::queue_window) * 3;
  for (int i = 0; i < count; ++i) {
    offer("C" + std::to_string(i));
    if (i % 100 == 0) settle(milliseconds(50));
  }
  settle(seconds(30));
  CHECK(channel.figures().destinations.at("lab").overflows);
  CHECK(channel.figures().destinations.at("lab").in_memory <= limits::queue_window);
  CHECK(channel.pause_destination("lab", false).ok());
  settle(seconds(60));
  REQUIRE(lab.sent.size() == static_cast<std::size_t>(count));
  for (std::size_t i = 1; i < lab.sent.size(); ++i)
    REQUIRE(lab.sent[i - 1].work.message < lab.sent[i].work.message);
  CHECK_FALSE(channel.figures().destinations.at("lab").overflows);
}

TEST_CASE_METHOD(Rig, "a message that hops in circles is stopped and kept") {
  deployment->destinations = {{"again", DestinationId{13}, {}, nullptr, &channel}};
  deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"again"});
  deployment->duplicates = Duplicates::Off;
  deployment->keys.duplicates = false;
  start();
  offer("C1");
  settle(seconds(5));
  CHECK(disk.messages.size() == static_cast<std::size_t>(limits::hops_max) + 1);
  auto row = only_row();
  CHECK(row.kind == ErrorKind::Limit);
  CHECK(disk.messages.rbegin()->second.draft.links[0].kind == LinkKind::Hop);
}

TEST_CASE_METHOD(Rig, "a stopped channel refuses, and says so to the sender") {
  start();
  channel.stop();
  offer("C1");
  settle();
  REQUIRE(replies.size() == 1);
  CHECK(*replies[0].bytes == "reject stored");
  CHECK_FALSE(replies[0].message);
  CHECK(disk.messages.empty());
}

TEST_CASE_METHOD(Rig, "what was being tried at two crashes is parked as suspect") {
  deployment->destinations[0].policy.on_ambiguous = OnAmbiguous::Retry;
  deployment->destinations.pop_back();
  deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  start();
  lab.silent = true;  // as if the try brought the engine down
  offer("C1");
  settle();
  channel.stop();
  for (int crash = 0; crash < 3; ++crash) {
    Channel next{ChannelId{1},
                 "test/channel",
                 {store, store, store, store, workers, executor, events, log, metrics}};
    REQUIRE(next.start(deployment, {{}, disk.last, {}, true}).ok());
    settle(seconds(200));
    next.stop();
  }
  auto row = only_row();
  CHECK(row.state == AttentionState::Parked);
  CHECK(row.suspect);
  CHECK(lab.sent.size() == 1 + limits::crashes_until_suspect);
}

TEST_CASE_METHOD(Rig, "what brought the last engine down is parked at the next start") {
  start();
  channel.pause_runs(true);
  offer("C1");
  offer("C2", "ADT", "P2");
  settle();
  channel.stop();
  const WorkRef run{disk.messages.begin()->first, RunNumber{1}, {}};
  Channel next{ChannelId{1},
               "test/channel",
               {store, store, store, store, workers, executor, events, log, metrics}};
  REQUIRE(next.start(deployment, {{}, disk.last, {}, true, {}, run}).ok());
  settle();
  CHECK(only_row().work == run);
  CHECK(only_row().state == AttentionState::Parked);
  CHECK(only_row().suspect);
  CHECK(lab.sent.size() == 1);
  SECTION("and runs when a person lets it go") {
    CHECK(next.release(only_row(), false).ok());
    settle();
    CHECK(disk.attention.empty());
    CHECK(lab.sent.size() == 2);
  }
}

TEST_CASE_METHOD(Rig, "what was being sent when its answer brought the engine down is parked") {
  deployment->destinations[0].policy.on_ambiguous = OnAmbiguous::Retry;
  deployment->destinations.pop_back();
  deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  start();
  lab.silent = true;
  offer("C1");
  settle();
  REQUIRE(lab.sent.size() == 1);
  channel.stop();
  Channel next{ChannelId{1},
               "test/channel",
               {store, store, store, store, workers, executor, events, log, metrics}};
  REQUIRE(next.start(deployment, {{}, disk.last, {}, true, {}, lab.sent[0].work}).ok());
  settle(seconds(200));
  CHECK(only_row().state == AttentionState::Parked);
  CHECK(only_row().suspect);
  CHECK(lab.sent.size() == 1);
}

TEST_CASE_METHOD(Rig, "a start that could not read all open work moves no low-water mark") {
  start();
  channel.pause_runs(true);
  offer("C1");
  offer("C2", "ADT", "P2");
  settle();
  const auto before = disk.low_waters;
  test::MemoryStore next{disk,
                         {.schedule = [this](auto task) { events.after(milliseconds(1), 0, task); },
                          .clock = &events,
                          .reads_fail = [](const WorkQueue& queue) { return !queue.destination; }}};
  Channel again{ChannelId{1},
                "test/channel",
                {next, next, next, next, workers, executor, events, log, metrics}};
  CHECK_FALSE(again.start(deployment, {before, disk.last, {}, true}).ok());
  again.catch_up();
  again.stop();
  again.catch_up();
  Settlement anything;  // marks are written along with what comes next
  anything.reply_to = disk.last;
  anything.reply = ReplyRecord{"told", ReplyState::Sent, events.now(), false};
  next.settle(std::move(anything), [](const Status&) {});
  settle();
  CHECK(disk.low_waters == before);
}

}  // namespace
}  // namespace causeway::channel
