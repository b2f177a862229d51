// The simulated engine's surroundings: workers, sinks that misbehave, a source that composes
// replies.
#include "tests/simulation/world.h"

namespace causeway::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// What it does with a message is decided by the message alone.
class ScriptA final : public Transformation {
 public:
  explicit ScriptA(const World& world)
      : ledger_(world.ledger), failing_(world.weather.failing_script_percent) {}
  RunResult run(const RunInput& input) override {
    RunResult result;
    const std::string bytes(input.message.arrival.draft.body.view());
    const auto lot = Ledger::lot_of(bytes);
    if (lot < failing_) {
      result.state = RunState::Failed;
      result.steps.push_back({"script", "", Error{ErrorKind::Script, "a.js:1:1", "simulated"}, {}});
      return result;
    }
    if (lot >= 96) {
      result.state = RunState::Filtered;
      return result;
    }
    std::string count;
    if (ledger_.counting) {
      auto before = input.state->read("count");
      if (!before) {
        result.state = RunState::Failed;
        result.steps.push_back({"script", "", before.error(), {}});
        return result;
      }
      count = std::to_string(*before ? std::stoi(**before) + 1 : 1);
      result.changes.push_back({"count", count});
    }
    const auto parts = ledger_.parts_of(bytes);
    for (std::size_t number = 0; number < parts; ++number) {
      auto pass_on = [&](const char* destination) {
        if (parts == 1)
          return RunOutput{destination, ContentType::Hl7v2, input.message.arrival.draft.body, true};
        return RunOutput{destination, ContentType::Hl7v2,
                         Body(make_bytes(ledger_.part(bytes, false, number))), false};
      };
      result.outputs.push_back(pass_on("plain"));
      result.outputs.push_back(
          {"careful", ContentType::Hl7v2,
           Body(make_bytes(ledger_.part(bytes, true, number) + Ledger::count_line(count))), false});
      if (lot % 3 == 0) result.outputs.push_back(pass_on("b"));
    }
    return result;
  }

 private:
  const Ledger& ledger_;
  const unsigned failing_;
};

class ScriptB final : public Transformation {
 public:
  RunResult run(const RunInput& input) override {
    RunResult result;
    result.outputs.push_back(
        {"beyond", ContentType::Hl7v2, input.message.arrival.draft.body, true});
    return result;
  }
};

class Factory final : public TransformationFactory {
 public:
  Factory(bool a, const World& world) : a_(a), world_(world) {}
  Result<std::unique_ptr<Transformation>> make() const override {
    if (a_) return std::unique_ptr<Transformation>(std::make_unique<ScriptA>(world_));
    return std::unique_ptr<Transformation>(std::make_unique<ScriptB>());
  }

 private:
  const bool a_;
  const World& world_;
};

/// The receiver's last field tells what its answer really means.
class ResponseScript final : public ResponseTransformation {
 public:
  ResponseResult run(const ResponseInput& input) override {
    ResponseResult result;
    const auto& response = input.attempt.response;
    const auto word = response.substr(response.rfind('|') + 1);
    if (word == "busy") result.outcome = Outcome::Deferred;
    if (word == "refused") result.outcome = Outcome::Rejected;
    if (word == "fine") result.outcome = Outcome::Delivered;
    if (word == "broken") result.error = Error{ErrorKind::Script, "r.js:1:1", "simulated"};
    result.text = word;
    return result;
  }
};

class ResponseFactory final : public ResponseTransformationFactory {
 public:
  Result<std::unique_ptr<ResponseTransformation>> make() const override {
    return std::unique_ptr<ResponseTransformation>(std::make_unique<ResponseScript>());
  }
};

}  // namespace

std::shared_ptr<const ResponseTransformationFactory> simulated_responses() {
  return std::make_shared<ResponseFactory>();
}

class Engine::Workers final : public RunWorkers {
 public:
  Workers(World& world, Owner owner) : world_(world), owner_(owner) {}
  void run(RunRequest request, OnResult done) override {
    // What an engine without a lease runs comes to nothing.
    if (world_.disk.epoch == owner_)
      world_.check_not_held({request.channel, {}}, request.message->id, "run");
    world_.events.after(world_.events.chance.up_to(milliseconds(2)), owner_,
                        [request = std::move(request), done = std::move(done)] {
                          done(execute(**request.transformation->make(), request));
                        });
  }
  void respond(std::shared_ptr<const ResponseRequest> request, OnResponse done) override {
    world_.events.after(world_.events.chance.up_to(milliseconds(2)), owner_,
                        [request = std::move(request), done = std::move(done)] {
                          done(look(**request->transformation->make(), *request));
                        });
  }

 private:
  World& world_;
  Owner owner_;
};

/// Every way in which a receiver can answer. What arrives, arrives even if the engine dies
/// meanwhile.
class Engine::SimulatedSink final : public Sink {
 public:
  SimulatedSink(World& world, Engine& engine, DestinationId id)
      : world_(world), engine_(engine), id_(id) {}

  Status start() override { return Done{}; }
  /// What has not left yet is given back.
  void stop(Milliseconds) override { stopped_ = true; }
  DestinationId destination() const { return id_; }
  int concurrency() const override { return 4; }
  Probe probe() override { return {true, ""}; }
  std::string address() const override { return "simulated"; }

  void deliver(StoredDelivery delivery, OnOutcome on_outcome) override {
    world_.check_not_held({id_ == beyond ? channel_b : channel_a, id_}, delivery.work.message,
                          "sent");
    auto& chance = world_.events.chance;
    auto shared = std::make_shared<OnOutcome>(std::move(on_outcome));
    const auto& weather = world_.weather;
    const auto out = chance.up_to(milliseconds(3)), back = chance.up_to(milliseconds(3));
    if (world_.down_until[id_] > world_.events.elapsed())
      return answer(out, shared, failed(Outcome::Deferred, ErrorKind::Unavailable, true));
    const bool calm = world_.calm;
    if (!calm && chance.percent(weather.deferred_percent))
      return answer(out + back, shared, failed(Outcome::Deferred, ErrorKind::Refused, false));
    bool rejected = !calm && chance.percent(weather.rejected_percent);
    const bool lost = !calm && chance.percent(weather.lost_answer_percent);
    bool arrives = !lost || chance.percent(60);
    // An answer whose real meaning its response script alone knows.
    std::string word;
    const bool said_rejected = rejected;
    if (world_.response && id_ != beyond && !calm && !lost && chance.percent(15)) {
      static constexpr const char* words[] = {"busy", "refused", "broken"};
      word = rejected ? "fine" : words[chance.below(3)];
      arrives = word != "busy";
      rejected = word == "refused";
    }
    auto unsent = std::make_shared<bool>(false);
    if (arrives)
      world_.events.after(out, 0, [this, unsent, delivery, rejected, &world = world_, id = id_] {
        if ((*unsent = stopped_)) return;
        Received received;
        received.bytes = std::string(delivery.body.view());
        received.control_id = Ledger::control_id_of(received.bytes);
        received.work = delivery.work;
        received.accepted = !rejected;
        received.after_rejection =
            Ledger::recorded_as(world.disk, received.work, Outcome::Rejected);
        received.flagged = delivery.flags & message_flags::possible_duplicate;
        world.note((rejected ? "rejected " : "accepted ") + received.control_id + " at " +
                   std::to_string(id.value));
        world.ledger.received[id].push_back(std::move(received));
      });
    if (lost)
      return answer(out + seconds(5), shared,
                    failed(Outcome::Ambiguous, ErrorKind::TimedOut, false), unsent);
    Attempt attempt;
    attempt.outcome = Outcome::Delivered;
    if (said_rejected) attempt = failed(Outcome::Rejected, ErrorKind::Refused, false);
    attempt.response = "MSA|AA|" + word;
    answer(out + back, shared, std::move(attempt), unsent);
  }

 private:
  static Attempt failed(Outcome outcome, ErrorKind kind, bool down) {
    Attempt attempt;
    attempt.outcome = outcome;
    attempt.reason = {kind, "simulated", "simulated"};
    attempt.destination_down = down;
    return attempt;
  }
  void answer(microseconds delay, std::shared_ptr<OnOutcome> on_outcome, Attempt attempt,
              std::shared_ptr<bool> unsent = std::make_shared<bool>(false)) {
    world_.events.after(delay, engine_.owner(), [on_outcome, unsent, attempt = std::move(attempt)] {
      (*on_outcome)(*unsent ? failed(Outcome::Deferred, ErrorKind::Stopped, false) : attempt);
    });
  }

  World& world_;
  Engine& engine_;
  DestinationId id_;
  bool stopped_ = false;
};

/// What a replay goes through is decided by its original's number.
class Engine::Orders final : public channel::ReplayOrders {
 public:
  Orders(World& world, Engine& engine) : world_(world), engine_(engine) {}

  Result<channel::ReplayOrder> order(const StoredMessage& message) override {
    channel::ReplayOrder order;
    const MessageId original{static_cast<std::int64_t>(message.arrival.draft.origin->position)};
    const auto lot = original.value / 7 % 4;
    if (lot == 1) order.destinations = {"careful"};
    if (lot == 2) order.through = DeploymentId{1};
    // A counter goes on; what was sent has the count of then.
    if (lot != 3 || world_.ledger.counting) return order;
    for (const auto& [key, row] : world_.disk.passages)
      for (const auto& delivery : row.passage.deliveries)
        if (key.first == original && delivery.destination == plain)
          order.sent.push_back(
              {{original, key.second, delivery.destination, delivery.part}, "plain"});
    return order;
  }
  Result<Body> edited(const WorkRef& work) override {
    const auto source = channel::edit_origin(work, {}).source;
    for (auto at = world_.disk.messages.rbegin(); at != world_.disk.messages.rend(); ++at) {
      const auto& draft = at->second.draft;
      if (draft.links.size() == 1 && draft.links[0].parent == work.message &&
          draft.links[0].kind == LinkKind::Edit && draft.origin->source == source)
        return draft.body;
    }
    return Error{ErrorKind::NotFound, "", "no edit"};
  }
  Result<std::shared_ptr<const TransformationFactory>> transformation(ChannelId,
                                                                      DeploymentId) override {
    return engine_.deployment_a()->transformation;
  }
  RunWorkers& workers() override { return *engine_.workers_; }

 private:
  World& world_;
  Engine& engine_;
};

class Engine::SimulatedSource final : public Source {
 public:
  Status start(Intake&) override { return Done{}; }
  void stop(Milliseconds) override {}
  void pause(bool) override {}
  Probe probe() override { return {true, ""}; }
  std::string address() const override { return "simulated"; }
  std::string compose_reply(std::string_view, const Verdict& verdict) const override {
    return verdict.code == Verdict::Code::Accept ? "AA" : "AE";
  }
};

Engine::Engine(World& world, Owner owner)
    : world_(world),
      owner_(owner),
      lease_until_(world.events.elapsed() + seconds(3)),
      executor_(world.events, owner),
      store_(world.disk, {.schedule =
                              [this](std::function<void()> task) {
                                world_.events.after(world_.events.chance.up_to(microseconds(900)),
                                                    owner_, std::move(task));
                              },
                          .clock = &world.events,
                          .batch_max = 1 + world.events.chance.below(32),
                          .fails =
                              [this] {
                                return !world_.calm && world_.events.chance.percent(
                                                           world_.weather.store_fault_percent);
                              },
                          .lease = [this] { return holds_lease(); }}),
      workers_(std::make_unique<Workers>(world, owner)),
      orders_(std::make_unique<Orders>(world, *this)),
      source_(std::make_unique<SimulatedSource>()) {
  for (auto id : {plain, careful, beyond})
    sinks_.push_back(std::make_unique<SimulatedSink>(world, *this, id));
  channel::Ports ports{store_,       store_, store_,   store_,  *workers_,    executor_,
                       world.events, log_,   metrics_, nullptr, orders_.get()};
  a_ = std::make_unique<channel::Channel>(channel_a, "a", ports);
  b_ = std::make_unique<channel::Channel>(channel_b, "b", ports);
}

Engine::~Engine() = default;

bool Engine::holds_lease() const {
  return world_.events.elapsed() < lease_until_;
}

void Engine::renew_lease() {
  if (world_.disk.epoch == owner_) lease_until_ = world_.events.elapsed() + seconds(3);
  if (a_) {
    a_->catch_up();
    b_->catch_up();
  }
  world_.events.after(seconds(1), owner_, [this] { renew_lease(); });
}

std::shared_ptr<channel::Deployment> Engine::deployment_a() {
  auto deployment = std::make_shared<channel::Deployment>();
  deployment->id = DeploymentId{1 + 2 * deploys_};
  deployment->source = source_.get();
  deployment->keys.order = world_.weather.order;
  deployment->keys.order_by = *hl7v2::parse_path("PID-3");
  deployment->duplicates = channel::Duplicates::Suppress;
  deployment->on_error = world_.weather.on_error;
  deployment->transformation = std::make_shared<Factory>(true, world_);
  channel::Destination to_plain{"plain", plain, {}, sinks_[0].get(), nullptr};
  to_plain.policy.on_ambiguous = channel::OnAmbiguous::Retry;
  to_plain.policy.in_flight_max = world_.weather.in_flight_max;
  to_plain.response = world_.response;
  channel::Destination to_careful{"careful", careful, {}, sinks_[1].get(), nullptr};
  to_careful.policy.on_ambiguous = world_.weather.on_error == channel::Trouble::HoldLane
                                       ? channel::OnAmbiguous::HoldLane
                                       : channel::OnAmbiguous::ParkAndContinue;
  to_careful.policy.on_rejected = world_.weather.on_error;
  to_careful.policy.in_flight_max = world_.weather.in_flight_max;
  to_careful.response = world_.response;
  deployment->destinations = {
      to_plain, to_careful, {"b", DestinationId{13}, {}, nullptr, b_.get()}};
  return deployment;
}

std::shared_ptr<channel::Deployment> Engine::deployment_b() {
  auto deployment = std::make_shared<channel::Deployment>();
  deployment->id = DeploymentId{2 + 2 * deploys_};
  deployment->keys.order = world_.weather.order;
  deployment->keys.order_by = *hl7v2::parse_path("PID-3");
  deployment->keys.duplicates = false;
  deployment->transformation = std::make_shared<Factory>(false, world_);
  channel::Destination to_beyond{"beyond", beyond, {}, sinks_[2].get(), nullptr};
  to_beyond.policy.on_ambiguous = channel::OnAmbiguous::Retry;
  to_beyond.policy.in_flight_max = world_.weather.in_flight_max;
  deployment->destinations = {to_beyond};
  return deployment;
}

void Engine::start() {
  renew_lease();
  channel::Channel::Before before;
  before.low_waters = *store_.low_waters();
  before.last_message = *store_.last_message();
  before.seen_keys = *store_.recent_duplicate_keys(1000);
  before.unclean = owner_ > 1;
  before.holds.assign(world_.holds.begin(), world_.holds.end());
  (void)b_->start(deployment_b(), before);
  (void)a_->start(deployment_a(), before);
}

/// Both channels anew, some of their sinks replaced: what runs and what is being sent goes on.
void Engine::redeploy() {
  ++deploys_;
  for (auto& sink : sinks_) {
    if (world_.events.chance.percent(50)) continue;
    auto earlier =
        std::exchange(sink, std::make_unique<SimulatedSink>(world_, *this, sink->destination()));
    earlier->stop(Milliseconds(0));
    earlier_sinks_.push_back(std::move(earlier));
  }
  b_->deploy(deployment_b());
  a_->deploy(deployment_a());
}

}  // namespace causeway::simulation
