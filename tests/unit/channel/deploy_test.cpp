// A channel that is deployed anew while it works.
#include "tests/unit/channel/channel_rig.h"

namespace causeway::channel {
namespace {

TEST_CASE_METHOD(
    Rig, "deployed anew while a message is run: it is run again, for the new destinations") {
  start();
  offer("C1");
  while (workers.runs == 0) REQUIRE(events.step(events.elapsed() + seconds(1)));
  auto next = std::make_shared<Deployment>(*deployment);
  next->id = DeploymentId{2};
  next->destinations[1] = {"copy", DestinationId{14}, {}, &archive, nullptr};
  next->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab", "copy"});
  channel.deploy(next);
  settle();
  CHECK(workers.runs == 2);
  REQUIRE(disk.passages.size() == 1);
  CHECK(disk.passages.begin()->second.passage.deployment == DeploymentId{2});
  CHECK(lab.sent.size() == 1);
  CHECK(archive.sent.size() == 1);
  CHECK(disk.attention.empty());
}

TEST_CASE_METHOD(Rig, "what a replaced sink can't send is sent by its successor, in order") {
  deployment->destinations.pop_back();
  deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  deployment->destinations[0].policy.give_up.attempts = 1;
  start();
  lab.outcomes = {Outcome::Deferred};
  lab.reason = ErrorKind::Stopped;
  lab.delay = milliseconds(100);
  offer("C1");
  offer("C2");
  settle(milliseconds(50));
  REQUIRE(lab.sent.size() == 1);
  auto next = std::make_shared<Deployment>(*deployment);
  next->id = DeploymentId{2};
  next->destinations[0].sink = &archive;
  channel.deploy(next);
  settle(milliseconds(900));  // no wait for a retry
  REQUIRE(archive.sent.size() == 2);
  CHECK(archive.sent[0].body.view().find("C1") != std::string::npos);
  CHECK(archive.sent[1].body.view().find("C2") != std::string::npos);
  CHECK(disk.attention.empty());
  CHECK(channel.figures().destinations.at("lab").in_flight == 0);
}

TEST_CASE_METHOD(Rig, "what is open for a removed destination is parked, also after a start") {
  deployment->destinations[1].policy.paused = true;
  start();
  offer("C1");
  offer("C2", "ADT", "P2");
  settle();
  CHECK(archive.sent.empty());
  auto next = std::make_shared<Deployment>(*deployment);
  next->id = DeploymentId{2};
  next->destinations.pop_back();
  next->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  SECTION("at once") {
    channel.deploy(next);
  }
  SECTION("after a start") {
    channel.stop();
    next->removed = {{"archive", DestinationId{12}, {}, nullptr, nullptr}};
    Channel again{ChannelId{1},
                  "test/channel",
                  {store, store, store, store, workers, executor, events, log, metrics}};
    REQUIRE(again.start(next, {{}, disk.last, {}, false}).ok());
    settle();
    again.stop();
  }
  settle();
  REQUIRE(disk.attention.size() == 2);
  for (const auto& [work, row] : disk.attention) {
    CHECK(row.state == AttentionState::Parked);
    CHECK(work.destination == DestinationId{12});
  }
  CHECK(archive.sent.empty());
  CHECK(lab.sent.size() == 2);
}

TEST_CASE_METHOD(Rig, "a parked delivery of a removed destination can be closed, not released") {
  deployment->destinations[1].policy.paused = true;
  start();
  offer("C1");
  settle();
  auto next = std::make_shared<Deployment>(*deployment);
  next->destinations.pop_back();
  next->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
  channel.deploy(next);
  settle();
  CHECK_FALSE(channel.release(only_row(), false).ok());
  CHECK(channel.close(only_row(), WorkEvent::Discarded, "not wanted").ok());
  settle();
  CHECK(disk.attention.empty());
}

}  // namespace
}  // namespace causeway::channel
