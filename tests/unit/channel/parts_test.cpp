// Runs that make several deliveries for one destination.
#include "tests/unit/channel/channel_rig.h"

namespace causeway::channel {
namespace {

/// Splits each message into so many parts for each destination.
struct Splitter final : Transformation, TransformationFactory {
  Splitter(std::vector<std::string> to, std::size_t into, std::size_t bytes = 0)
      : destinations(std::move(to)), parts(into), part_bytes(bytes) {}
  std::vector<std::string> destinations;
  std::size_t parts, part_bytes;

  RunResult run(const RunInput& input) override {
    RunResult result;
    for (std::size_t part = 0; part < parts; ++part)
      for (const auto& name : destinations)
        result.outputs.push_back(
            {name, ContentType::Text,
             Body(make_bytes(input.message.arrival.control_id + "." + std::to_string(part) +
                             std::string(part_bytes, 'x'))),
             false});
    return result;
  }
  Result<std::unique_ptr<Transformation>> make() const override {
    return std::unique_ptr<Transformation>(
        std::make_unique<Splitter>(destinations, parts, part_bytes));
  }
};

struct SplitRig : Rig {
  void split(std::vector<std::string> to, std::size_t parts, std::size_t bytes = 0) {
    deployment->transformation = std::make_shared<Splitter>(std::move(to), parts, bytes);
  }
  static std::vector<std::string> texts(const ScriptedSink& sink) {
    std::vector<std::string> all;
    for (const auto& delivery : sink.sent) all.emplace_back(delivery.body.view());
    return all;
  }
  using Texts = std::vector<std::string>;
};

TEST_CASE_METHOD(SplitRig, "parts are sent in order, before the lane's next message") {
  split({"lab", "archive"}, 3);
  start();
  offer("C1");
  offer("C2");
  settle();
  const Texts expected{"C1.0", "C1.1", "C1.2", "C2.0", "C2.1", "C2.2"};
  CHECK(texts(lab) == expected);
  CHECK(texts(archive) == expected);
  CHECK(lab.sent[2].work.part == 2);
  CHECK(disk.attention.empty());
  CHECK(disk.low_waters.at({ChannelId{1}, DestinationId{11}}) == disk.last);
}

TEST_CASE_METHOD(SplitRig, "each part has its own policy: one parked, the others go on") {
  split({"lab"}, 3);
  start();
  lab.outcomes = {Outcome::Delivered, Outcome::Rejected, Outcome::Delivered};
  offer("C1");
  settle();
  CHECK(texts(lab) == Texts{"C1.0", "C1.1", "C1.2"});
  const auto row = only_row();
  CHECK(row.state == AttentionState::Parked);
  CHECK(row.work.part == 1);
}

// A kill before that would have it sent again, after what stood behind it.
TEST_CASE_METHOD(SplitRig, "a lane goes past a rejection when its parking is committed") {
  split({"lab"}, 2);
  start();
  lab.outcomes = {Outcome::Rejected, Outcome::Delivered};
  offer("C1");
  while (lab.sent.size() < 2) REQUIRE(events.step(seconds(10)));
  CHECK(only_row().state == AttentionState::Parked);
  settle();
  CHECK(texts(lab) == Texts{"C1.0", "C1.1"});
}

TEST_CASE_METHOD(SplitRig, "a lane goes past a closed delivery when that is committed") {
  deployment->destinations[0].policy.on_rejected = Trouble::HoldLane;
  split({"lab"}, 2);
  start();
  lab.outcomes = {Outcome::Rejected, Outcome::Delivered};
  offer("C1");
  settle();
  AttentionRow held;
  for (const auto& [work, row] : disk.attention)
    if (row.state == AttentionState::Held) held = row;
  REQUIRE(channel.close(held, WorkEvent::Skipped, "not wanted").ok());
  while (lab.sent.size() < 2) REQUIRE(events.step(events.elapsed() + seconds(10)));
  CHECK_FALSE(disk.attention.contains(held.work));
}

TEST_CASE_METHOD(SplitRig, "a part that waits for its next try holds those behind it") {
  split({"lab"}, 2);
  start();
  lab.outcomes = {Outcome::Deferred};
  offer("C1");
  offer("C2");
  settle(seconds(10));
  CHECK(texts(lab) == Texts{"C1.0", "C1.0", "C1.1", "C2.0", "C2.1"});
  CHECK(disk.attention.empty());
}

TEST_CASE_METHOD(SplitRig, "a held part is let go by a person, and the lane goes on in order") {
  deployment->destinations[0].policy.on_rejected = Trouble::HoldLane;
  split({"lab"}, 3);
  start();
  lab.outcomes = {Outcome::Delivered, Outcome::Rejected};
  offer("C1");
  offer("C2");
  settle();
  CHECK(texts(lab) == Texts{"C1.0", "C1.1"});
  AttentionRow held;
  for (const auto& [work, row] : disk.attention)
    if (row.state == AttentionState::Held) held = row;
  CHECK(held.work.part == 1);
  CHECK(channel.close(held, WorkEvent::Skipped, "not wanted").ok());
  settle();
  CHECK(texts(lab) == Texts{"C1.0", "C1.1", "C1.2", "C2.0", "C2.1", "C2.2"});
  CHECK(disk.attention.empty());
}

TEST_CASE_METHOD(SplitRig, "the reply from a destination is that of its worst part") {
  deployment->reply.when = ReplyPolicy::When::Destination;
  deployment->reply.destination = "lab";
  split({"lab", "archive"}, 3);
  start();
  lab.outcomes = {Outcome::Delivered, Outcome::Rejected, Outcome::Delivered};
  lab.response = "MSH|lab's own answer";
  offer("C1");
  settle();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].verdict.code == Verdict::Code::Error);
  CHECK(*replies[0].bytes == "MSH|lab's own answer");
  offer("C2");
  settle();
  REQUIRE(replies.size() == 2);
  CHECK(replies[1].verdict.code == Verdict::Code::Accept);
}

TEST_CASE_METHOD(SplitRig, "where the deciding destination gets nothing, nothing is waited for") {
  deployment->reply.when = ReplyPolicy::When::Destination;
  deployment->reply.destination = "lab";
  split({"archive"}, 2);
  start();
  offer("C1");
  settle();
  REQUIRE(replies.size() == 1);
  CHECK(*replies[0].bytes == "accept done");
}

TEST_CASE_METHOD(SplitRig, "more parts than a queue's window are sent whole and in order") {
  deployment->destinations[0].policy.in_flight_max = 64;
  split({"lab"}, limits::outputs_max);
  start();
  offer("C1");
  offer("C2", "ADT", "P1");
  settle(seconds(120));
  REQUIRE(lab.sent.size() == 2 * limits::outputs_max);
  for (std::size_t i = 1; i < lab.sent.size(); ++i)
    REQUIRE(lab.sent[i - 1].work < lab.sent[i].work);
  CHECK_FALSE(channel.figures().destinations.at("lab").overflows);
}

TEST_CASE_METHOD(SplitRig, "too many outputs, or too many bytes of them, fail the run") {
  SECTION("outputs") {
    split({"lab"}, limits::outputs_max + 1);
  }
  SECTION("bytes") {
    split({"lab", "archive"}, 128, limits::outputs_bytes / 256);
  }
  start();
  offer("C1");
  settle();
  CHECK(lab.sent.empty());
  const auto row = only_row();
  CHECK(row.state == AttentionState::Held);
  CHECK(row.kind == ErrorKind::Limit);
  CHECK(row.reason.find("are allowed") != std::string::npos);
}

TEST_CASE_METHOD(SplitRig, "several outputs for another channel are several messages there") {
  Channel next{ChannelId{2},
               "test/next",
               {store, store, store, store, workers, executor, events, log, metrics}};
  auto there = std::make_shared<Deployment>(*deployment);
  there->keys.duplicates = false;
  there->source = nullptr;
  there->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"archive"});
  REQUIRE(next.start(there, {{}, disk.last, {}, false}).ok());
  deployment->destinations = {{"on", DestinationId{13}, {}, nullptr, &next}};
  split({"on"}, 3);
  start();
  offer("C1");
  settle();
  CHECK(texts(archive) == Texts{"C1.0", "C1.1", "C1.2"});
  CHECK(disk.messages.size() == 4);
  next.stop();
}

}  // namespace
}  // namespace causeway::channel
