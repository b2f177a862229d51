// A channel over the store in memory and simulated time, with ends that do as they are told. Used
// by one thread.
#pragma once

#include <catch2/catch.hpp>
#include <deque>

#include "engine/channel/channel.h"
#include "engine/channel/replay_order.h"
#include "engine/core/limits.h"
#include "tests/support/events.h"
#include "tests/support/memory_store.h"

namespace causeway::channel {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Answers as it is told, and remembers what it was sent.
struct ScriptedSink final : Sink {
  explicit ScriptedSink(simulation::Events& on) : events(on) {}
  simulation::Events& events;
  std::deque<Outcome> outcomes;  // Delivered when empty
  std::string response = "MSA|AA|";
  bool silent = false;
  ErrorKind reason = ErrorKind::Refused;
  std::chrono::microseconds delay = milliseconds(1);
  std::vector<StoredDelivery> sent;

  Status start() override { return Done{}; }
  void stop(Milliseconds) override {}
  int concurrency() const override { return 1; }
  Probe probe() override { return {true, ""}; }
  std::string address() const override { return "scripted"; }
  void deliver(StoredDelivery delivery, OnOutcome on_outcome) override {
    sent.push_back(std::move(delivery));
    if (silent) return;
    Attempt attempt;
    attempt.outcome = Outcome::Delivered;
    if (!outcomes.empty()) {
      attempt.outcome = outcomes.front();
      outcomes.pop_front();
    }
    attempt.response = response;
    if (attempt.outcome != Outcome::Delivered) attempt.reason = {reason, "", "told to"};
    events.after(delay, 0, [on_outcome = std::move(on_outcome), attempt] { on_outcome(attempt); });
  }
};

struct PlainSource final : Source {
  Status start(Intake&) override { return Done{}; }
  void stop(Milliseconds) override {}
  void pause(bool) override {}
  Probe probe() override { return {true, ""}; }
  std::string address() const override { return "plain"; }
  std::string compose_reply(std::string_view, const Verdict& verdict) const override {
    if (verdict.verbatim) return *verdict.verbatim;
    static const char* const words[] = {"accept", "error", "reject"};
    return std::string(words[static_cast<int>(verdict.code)]) +
           (verdict.level == Verdict::Level::Done ? " done" : " stored");
  }
};

/// Passes everything to the destinations it is told; drops or fails by the message's type.
struct TypeScript final : Transformation, TransformationFactory {
  explicit TypeScript(std::vector<std::string> to) : destinations(std::move(to)) {}
  std::vector<std::string> destinations;
  RunResult run(const RunInput& input) override {
    RunResult result;
    const auto& type = input.message.arrival.type;
    if (type == "DROP") result.state = RunState::Filtered;
    if (type == "FAIL") {
      result.state = RunState::Failed;
      result.steps.push_back({"script", "", Error{ErrorKind::Script, "x.js:1:1", "thrown"}, {}});
    }
    if (type == "REPLY") result.reply = make_bytes("from the script");
    if (result.state != RunState::Passed) return result;
    for (const auto& name : destinations)
      result.outputs.push_back({name, ContentType::Hl7v2, input.message.arrival.draft.body, true,
                                input.message.arrival.draft.attributes});
    return result;
  }
  Result<std::unique_ptr<Transformation>> make() const override {
    return std::unique_ptr<Transformation>(std::make_unique<TypeScript>(destinations));
  }
};

struct EventWorkers final : RunWorkers {
  explicit EventWorkers(simulation::Events& on) : events(on) {}
  simulation::Events& events;
  int runs = 0;
  void run(RunRequest request, OnResult done) override {
    ++runs;
    events.after(milliseconds(1), 0, [request = std::move(request), done = std::move(done)] {
      done(execute(**request.transformation->make(), request));
    });
  }
  void respond(std::shared_ptr<const ResponseRequest> request, OnResponse done) override {
    events.after(milliseconds(1), 0, [request = std::move(request), done = std::move(done)] {
      done(look(**request->transformation->make(), *request));
    });
  }
};

/// Edits alone, as they are on disk.
struct DiskOrders final : ReplayOrders {
  explicit DiskOrders(test::MemoryDisk& on) : disk(on) {}
  test::MemoryDisk& disk;
  Result<ReplayOrder> order(const StoredMessage&) override { return ReplayOrder{}; }
  Result<Body> edited(const WorkRef& work) override {
    const auto source = edit_origin(work, {}).source;
    for (auto at = disk.messages.rbegin(); at != disk.messages.rend(); ++at) {
      const auto& draft = at->second.draft;
      if (draft.origin && draft.origin->source == source && draft.links.size() == 1 &&
          draft.links[0].parent == work.message)
        return draft.body;
    }
    return Error{ErrorKind::NotFound, "", "no edit"};
  }
  Result<std::shared_ptr<const TransformationFactory>> transformation(ChannelId,
                                                                      DeploymentId) override {
    return Error{ErrorKind::NotFound, "", "none"};
  }
  RunWorkers& workers() override { std::abort(); }
};

struct Rig {
  simulation::Events events{42};
  test::MemoryDisk disk;
  test::MemoryStore store{
      disk,
      {.schedule = [this](auto task) { events.after(milliseconds(1), 0, task); },
       .clock = &events}};
  simulation::SimulatedExecutor executor{events, 0};
  EventWorkers workers{events};
  DiskOrders orders{disk};
  NoLog log;
  Metrics metrics;
  PlainSource source;
  ScriptedSink lab{events}, archive{events};
  std::shared_ptr<Deployment> deployment = std::make_shared<Deployment>();
  Channel channel{
      ChannelId{1},
      "test/channel",
      {store, store, store, store, workers, executor, events, log, metrics, nullptr, &orders}};
  std::vector<Reply> replies;

  Rig() {
    deployment->source = &source;
    deployment->keys.order = Order::Keyed;
    deployment->keys.order_by = *hl7v2::parse_path("PID-3");
    deployment->destinations = {{"lab", DestinationId{11}, {}, &lab, nullptr},
                                {"archive", DestinationId{12}, {}, &archive, nullptr}};
    deployment->transformation =
        std::make_shared<TypeScript>(std::vector<std::string>{"lab", "archive"});
  }
  void start() { REQUIRE(channel.start(deployment, {{}, disk.last, {}, false}).ok()); }
  void offer(const std::string& control_id, const std::string& type = "ADT",
             const std::string& patient = "P1", const std::string& more = "") {
    Draft draft;
    draft.content_type = ContentType::Hl7v2;
    draft.body = Body(make_bytes("MSH|^~\\&|A|F|B|G|1||" + type + "|" + control_id +
                                 "|P|2.5\rPID|1||" + patient + "\r" + more));
    channel.accept(std::move(draft), {}, [this](Reply reply) {
      channel.reply_sent(reply.message, ReplyState::Sent);
      replies.push_back(std::move(reply));
    });
  }
  void settle(std::chrono::microseconds time = seconds(1)) {
    for (auto end = events.elapsed() + time; events.step(end);) {
    }
  }
  AttentionRow only_row() {
    REQUIRE(disk.attention.size() == 1);
    return disk.attention.begin()->second;
  }
};

}  // namespace causeway::channel
