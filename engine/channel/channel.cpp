#include "engine/channel/channel.h"

#include "engine/channel/failure_log.h"
#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

auto instruments_of(Metrics& metrics, const std::string& path) {
  const auto label = "channel=\"" + path + "\"";
  auto counter = [&](const char* name) -> Counter& { return metrics.counter(name, label); };
  struct {
    Counter &received, &refused, &duplicates, &passed, &filtered, &failed, &delivered, &troubled;
    Histogram& commit;
  } all{counter("causeway_messages_received_total"),
        counter("causeway_messages_refused_total"),
        counter("causeway_messages_duplicate_total"),
        counter("causeway_runs_passed_total"),
        counter("causeway_runs_filtered_total"),
        counter("causeway_runs_failed_total"),
        counter("causeway_deliveries_delivered_total"),
        counter("causeway_deliveries_troubled_total"),
        metrics.histogram("causeway_commit_seconds", label)};
  return all;
}

AfterFailure after_of(Decision::Next next) {
  if (next == Decision::Next::Hold) return AfterFailure::Held;
  return next == Decision::Next::Park ? AfterFailure::Parked : AfterFailure::Retried;
}

/// What a run may give, however it was made: more could not be stored in one piece.
Status check_outputs(const std::vector<RunOutput>& outputs) {
  if (outputs.size() > limits::outputs_max)
    return Error{ErrorKind::Limit, "",
                 "the run gives " + std::to_string(outputs.size()) + " outputs; " +
                     std::to_string(limits::outputs_max) + " are allowed"};
  std::size_t bytes = 0;
  for (const auto& output : outputs)
    if (!output.same_as_input) bytes += output.body.view().size();
  if (bytes > limits::outputs_bytes)
    return Error{ErrorKind::Limit, "",
                 "the run's outputs have " + std::to_string(bytes) + " bytes; " +
                     std::to_string(limits::outputs_bytes) + " are allowed"};
  return Done{};
}

}  // namespace

Channel::Channel(ChannelId id, std::string path, const Ports& ports)
    : id_(id),
      path_(std::move(path)),
      ports_(ports),
      runs_(id, path_, ports, mutex_, *this),
      instruments_([&] {
        auto all = instruments_of(ports.metrics, path_);
        return Instruments{all.received, all.refused,   all.duplicates, all.passed, all.filtered,
                           all.failed,   all.delivered, all.troubled,   all.commit};
      }()) {}

Channel::~Channel() = default;

Status Channel::start(std::shared_ptr<const Deployment> deployment, const Before& before) {
  std::lock_guard lock(mutex_);
  std::atomic_store(&deployment_, std::move(deployment));
  for (auto key = before.seen_keys.rbegin(); key != before.seen_keys.rend(); ++key)
    if (key->channel == id_) duplicates_.remember(key->key, key->message);
  auto low_water = [&](WorkQueue queue) {
    auto at = before.low_waters.find(queue);
    return at == before.low_waters.end() ? MessageId{} : at->second;
  };
  if (before.crashed) runs_.suspect(*before.crashed);
  for (const auto& hold : before.holds)
    if (hold.queue == WorkQueue{id_, {}}) runs_.hold(hold.lane, true);
  if (auto status = runs_.recover(low_water({id_, {}}), before.last_message, before.unclean);
      !status)
    return status;
  auto queues = deployment_->removed;
  for (const auto& destination : deployment_->destinations)
    if (!destination.target) queues.push_back(destination);
  for (const auto& destination : queues) {
    const WorkQueue queue{id_, destination.id};
    auto& slot = destinations_[destination.id];
    slot = std::make_unique<DeliveryQueue>(queue, path_ + " > " + destination.name, ports_, mutex_,
                                           *this);
    auto policy = destination.policy;
    slot->use(nullptr, policy, deployment_->keys.order);
    if (before.crashed) slot->suspect(*before.crashed);
    for (const auto& hold : before.holds)
      if (hold.queue == queue) slot->hold(hold.lane, true);
    auto status = slot->recover(low_water(queue), before.last_message, before.unclean);
    if (!status) return status;
  }
  apply_deployment();
  return Done{};
}

void Channel::deploy(std::shared_ptr<const Deployment> deployment) {
  std::lock_guard lock(mutex_);
  std::atomic_store(&deployment_, std::move(deployment));
  apply_deployment();
}

void Channel::apply_deployment() {
  for (const auto& destination : deployment_->destinations) {
    if (destination.target) continue;
    auto& slot = destinations_[destination.id];
    if (!slot)
      slot = std::make_unique<DeliveryQueue>(
          WorkQueue{id_, destination.id}, path_ + " > " + destination.name, ports_, mutex_, *this);
    slot->use(destination.sink, destination.policy, deployment_->keys.order, destination.response);
  }
  for (const auto& [id, queue] : destinations_)
    if (!deployment_->sends_to(id)) queue->retire();
  runs_.use(deployment_->id, deployment_->transformation, deployment_->on_error,
            deployment_->keys.order);
}

void Channel::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  runs_.stop();
  for (auto& [id, queue] : destinations_) queue->stop();
}

void Channel::catch_up() {
  const auto answered = ports_.journal.answered();
  std::lock_guard lock(mutex_);
  if (!deployment_) return;  // not started: its open work is not known yet
  runs_.catch_up(answered);
  for (auto& [id, queue] : destinations_) queue->catch_up();
}

void Channel::pause_runs(bool paused) {
  std::lock_guard lock(mutex_);
  runs_.pause(paused);
}

Status Channel::pause_destination(const std::string& name, bool paused) {
  std::lock_guard lock(mutex_);
  for (const auto& destination : deployment_->destinations)
    if (destination.name == name && !destination.target) {
      destinations_.at(destination.id)->pause(paused);
      return Done{};
    }
  return Error{ErrorKind::NotFound, path_, "no destination of this name"};
}

void Channel::hold(const HeldLane& lane, bool held) {
  std::lock_guard lock(mutex_);
  if (!lane.queue.destination) return runs_.hold(lane.lane, held);
  const auto queue = destinations_.find(lane.queue.destination);
  if (queue != destinations_.end()) queue->second->hold(lane.lane, held);
}

Status Channel::release(const AttentionRow& row, bool possible_duplicate, std::string reason) {
  std::lock_guard lock(mutex_);
  duplicates_.in_trouble(row.work.message, false);
  if (!row.work.destination) return runs_.release(row, std::move(reason));
  auto queue = destinations_.find(row.work.destination);
  if (queue == destinations_.end())
    return Error{ErrorKind::NotFound, path_, "the channel has no such destination any more"};
  return queue->second->release(row, possible_duplicate, std::move(reason));
}

Status Channel::close(const AttentionRow& row, WorkEvent event, std::string reason) {
  std::lock_guard lock(mutex_);
  duplicates_.in_trouble(row.work.message, false);
  if (!row.work.destination) return runs_.discard(row, std::move(reason));
  auto queue = destinations_.find(row.work.destination);
  if (queue == destinations_.end())
    return Error{ErrorKind::NotFound, path_, "the channel has no such destination any more"};
  return queue->second->close(row, event, std::move(reason));
}

Channel::Figures Channel::figures() const {
  std::lock_guard lock(mutex_);
  Figures figures;
  figures.runs = runs_.figures();
  figures.accepts_in_flight = accepts_in_flight_;
  figures.received = received_;
  figures.last_received = last_received_;
  figures.oldest = figures.runs.oldest;
  if (!deployment_) return figures;
  for (const auto& destination : deployment_->destinations) {
    auto queue = destinations_.find(destination.id);
    if (queue == destinations_.end()) continue;
    const auto& shown = figures.destinations[destination.name] = queue->second->figures();
    if (shown.oldest && (!figures.oldest || shown.oldest < figures.oldest))
      figures.oldest = shown.oldest;
  }
  return figures;
}

bool Channel::wants_more() const {
  std::lock_guard lock(mutex_);
  if (stopped_ || accepts_in_flight_ >= limits::accepts_in_flight_max / 2) return false;
  if (!runs_.has_room() || replies_.waiting() >= limits::replies_waiting_max) return false;
  const auto runs_max = static_cast<std::size_t>(deployment_->queue_max);
  if (runs_max != 0 && runs_.queued() >= runs_max) return false;
  for (const auto& destination : deployment_->destinations) {
    const auto most = static_cast<std::size_t>(destination.policy.queue_max);
    if (most == 0 || destination.target) continue;
    if (destinations_.at(destination.id)->queued() >= most) return false;
  }
  return true;
}

void Channel::was_in_trouble(MessageId message) {
  duplicates_.in_trouble(message, true);
}

MessageId Channel::horizon() const {
  return runs_.horizon();
}

Status Channel::compose(Passage& passage, const StoredMessage& message, RunResult& result) {
  Status status = Done{};
  if (result.state == RunState::Passed) status = route(passage, message, result);
  Verdict verdict;
  verdict.verbatim = result.reply;
  verdict.attributes = result.reply_attributes;
  const bool failed =
      !status || result.state == RunState::Failed || result.state == RunState::Suspect;
  if (failed) {
    verdict.code = Verdict::Code::Error;
    verdict.kind = ErrorKind::Script;
    verdict.text = "stored, but could not be processed";
    instruments_.failed.add();
    duplicates_.in_trouble(message.id, true);
  } else {
    (result.state == RunState::Passed ? instruments_.passed : instruments_.filtered).add();
  }
  static const std::vector<DeliveryRecord> none;
  decide_later(replies_.ran(message.id, failed ? none : passage.deliveries, verdict));
  passage.reply = replies_.take(message.id);
  bool armed = false;
  for (const auto& delivery : passage.deliveries) armed = armed || delivery.armed;
  if (!passage.reply && (failed || !armed)) replies_.no_append_in_sight(message.id);
  return status;
}

Status Channel::route(Passage& passage, const StoredMessage& message, RunResult& result) {
  if (auto status = check_outputs(result.outputs); !status) return status;
  std::vector<const Destination*> found;
  for (const auto& output : result.outputs) {
    const Destination* match = nullptr;
    for (const auto& destination : deployment_->destinations)
      if (destination.name == output.destination && !destination.leaving) match = &destination;
    if (!match)
      return Error{ErrorKind::NotFound, path_,
                   "no destination is named \"" + output.destination + "\""};
    found.push_back(match);
  }
  // Everything that can fail comes before the first delivery is planned.
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i]->target)
      if (auto status = hop(passage, message, *found[i], result.outputs[i]); !status) return status;
  std::map<DestinationId, std::uint16_t> parts;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i]->target) continue;
    DeliveryRecord record;
    record.destination = found[i]->id;
    if (found.size() > 1) record.part = parts[record.destination]++;
    record.content_type = result.outputs[i].content_type;
    record.body = std::move(result.outputs[i].body);
    record.same_as_input = result.outputs[i].same_as_input;
    record.attributes = std::move(result.outputs[i].attributes);
    record.order_keys = message.arrival.order_keys;
    record.flags = message.arrival.flags & message_flags::replay;
    destinations_.at(record.destination)
        ->plan(record, {passage.message, passage.run, record.destination, record.part}, passage);
    passage.deliveries.push_back(std::move(record));
  }
  return Done{};
}

Status Channel::hop(Passage& passage, const StoredMessage& message, const Destination& destination,
                    RunOutput& output) {
  if (message.arrival.draft.hops >= limits::hops_max)
    return Error{ErrorKind::Limit, path_, "the message has come through too many channels"};
  Draft draft;
  draft.sender = {path_, destination.name};
  draft.content_type = output.content_type;
  draft.body = output.body;
  draft.attributes = output.attributes;
  draft.links.push_back({message.id, LinkKind::Hop});
  draft.hops = static_cast<std::uint8_t>(message.arrival.draft.hops + 1);
  passage.children.push_back(destination.target->prepare(std::move(draft)));
  passage.children.back().flags |= message.arrival.flags & message_flags::replay;
  hop_targets_[passage.children.back().channel] = destination.target;
  return Done{};
}

void Channel::recorded(const Passage& passage, const std::vector<Receipt>& children) {
  for (std::size_t i = 0; i < children.size(); ++i) {
    auto message = std::make_shared<StoredMessage>();
    message->id = children[i].message;
    message->arrival = passage.children[i];
    HopTarget* target = nullptr;
    {
      std::lock_guard lock(mutex_);
      target = hop_targets_.at(message->arrival.channel);
    }
    target->arrived(std::move(message));
  }
  std::lock_guard lock(mutex_);
  for (const auto& delivery : passage.deliveries)
    destinations_.at(delivery.destination)
        ->committed({passage.message, passage.run, delivery.destination, delivery.part});
}

void Channel::refused(const Passage& passage) {
  for (const auto& delivery : passage.deliveries)
    destinations_.at(delivery.destination)
        ->refused({passage.message, passage.run, delivery.destination, delivery.part});
}

void Channel::outcome(const WorkRef& work, const Attempt& attempt, Decision::Next next,
                      Settlement& settlement) {
  settlement.reply = replies_.take(work.message);
  settlement.reply_to = work.message;
  if (!settlement.reply) replies_.no_append_in_sight(work.message);
  if (next != Decision::Next::Finish && ports_.failures &&
      attempt.reason.kind != ErrorKind::Stopped)
    ports_.failures->note({{id_, work.destination},
                           attempt.reason.kind,
                           {},
                           script_line(attempt.reason.place),
                           answer_code(attempt.reason.text)},
                          deployment_->id, work.message, ports_.clock.now(), after_of(next));
  if (next == Decision::Next::Retry) return;
  Verdict verdict;
  if (next == Decision::Next::Finish) {
    instruments_.delivered.add();
  } else {
    instruments_.troubled.add();
    // What may have been accepted has not failed: a copy of it that is sent on could double it.
    if (attempt.outcome != Outcome::Ambiguous) duplicates_.in_trouble(work.message, true);
    verdict.code = Verdict::Code::Error;
    verdict.kind = attempt.reason.kind;
    verdict.text = "stored, but not accepted by a destination";
  }
  if (attempt.reply)
    verdict.verbatim = attempt.reply;
  else if (!attempt.response.empty())
    verdict.verbatim = make_bytes(attempt.response);
  verdict.attributes = attempt.response_attributes;
  decide_later(replies_.delivered(work, verdict));
}

}  // namespace causeway::channel
