#include "engine/channel/run_queue.h"

#include <algorithm>

#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

/// Runs handed to the workers at once: enough to keep them busy, few enough to stay fair.
constexpr int runs_in_flight_max = 128;

bool is_replay(std::uint16_t flags) {
  return (flags & message_flags::replay) != 0;
}

}  // namespace

RunQueue::RunQueue(ChannelId channel, std::string name, const Ports& ports, std::mutex& mutex,
                   RunListener& listener)
    : id_{channel, DestinationId{}},
      name_(std::move(name)),
      ports_(ports),
      mutex_(mutex),
      listener_(listener),
      states_(channel, ports.reader, ports.keyed_hash) {}

void RunQueue::use(DeploymentId deployment,
                   std::shared_ptr<const TransformationFactory> transformation, Trouble on_error,
                   Order order) {
  if (deployment != deployment_ || transformation != transformation_) ++uses_;
  deployment_ = deployment;
  transformation_ = std::move(transformation);
  on_error_ = on_error;
  order_ = order;
  dispatch();
}

void RunQueue::pause(bool paused) {
  paused_ = paused;
  dispatch();
}

void RunQueue::stop() {
  stopped_ = true;
}

MessageId RunQueue::horizon() const {
  auto low = seen_;
  if (!open_.empty()) low = std::min(low, MessageId{open_.begin()->value - 1});
  if (backlog_.overflows()) low = std::min(low, backlog_.read_to());
  return low;
}

bool RunQueue::has_room() const {
  if (items_.size() - behind_ < limits::queue_window) return true;
  // Slowing the source down helps only while the pipeline goes on: a channel that stands still
  // (paused, held) keeps on accepting, and its backlog is on disk.
  return running_ == 0 && candidates_.empty();
}

void RunQueue::arrived(std::shared_ptr<const StoredMessage> message) {
  const auto id = message->id;
  seen_ = std::max(seen_, id);
  ++queued_;
  OpenDelivery row{{id, RunNumber{1}, DestinationId{}},
                   message->arrival.order_keys,
                   message->arrival.draft.body.size(),
                   message->arrival.flags,
                   false,
                   0};
  if (!backlog_.overflows() && items_.size() - behind_ >= limits::queue_window)
    backlog_.overflow(MessageId{id.value - 1});
  if (backlog_.overflows()) {
    backlog_.planned(row);
    auto kept = backlog_.committed(row.work, id);
    if (kept) take_in(std::move(*kept));
    return dispatch();
  }
  Item item;
  item.work = row.work;
  item.keys = row.order_keys;
  item.flags = row.flags;
  item.body_bytes = row.body_bytes;
  if (is_replay(item.flags)) item.cause = Cause::Replay;
  // What a replay goes through is read with it.
  if (!is_replay(item.flags) && !message->arrival.draft.body.is_staged() &&
      body_bytes_ + row.body_bytes <= limits::queue_window_bytes) {
    body_bytes_ += row.body_bytes;
    item.message = std::move(message);
  }
  auto ticket = keep(std::move(item));
  if (order_ == Order::Keyed && lanes_.blocked(ticket, items_.at(ticket).keys))
    list_behind({ticket});
  dispatch();
}

Ticket RunQueue::keep(Item item) {
  const auto ticket = next_ticket_++;
  if (item.in_attention)
    ++behind_;
  else
    open_.insert(item.work.message);
  lanes_.add(ticket, item.keys);
  by_message_[item.work.message] = ticket;
  const bool ready = item.state == State::Queued && lanes_.at_head(ticket, item.keys) &&
                     !lanes_.blocked(ticket, item.keys);
  items_.emplace(ticket, std::move(item));
  if (ready) candidates_.insert(ticket);
  return ticket;
}

void RunQueue::take_in(OpenDelivery row) {
  if (by_message_.contains(row.work.message)) return;
  if (row.work.message <= last_before_start_) ++queued_;
  Item item;
  item.work = row.work;
  item.keys = std::move(row.order_keys);
  item.flags = row.flags;
  item.body_bytes = row.body_bytes;
  const bool before = row.work.message <= last_before_start_;
  item.cause = before ? Cause::Recovery : is_replay(item.flags) ? Cause::Replay : Cause::Arrival;
  // Runs leave no mark when they begin: what may have been running at the end was near the head.
  item.suspicious = before && unclean_ && next_ticket_ <= limits::queue_window;
  auto ticket = keep(std::move(item));
  if (order_ == Order::Keyed && lanes_.blocked(ticket, items_.at(ticket).keys))
    list_behind({ticket});
}

void RunQueue::dispatch() {
  while (!stopped_ && !paused_ && !held_ && transformation_ && !candidates_.empty() &&
         running_ < runs_in_flight_max) {
    auto ticket = *candidates_.begin();
    candidates_.erase(candidates_.begin());
    start(ticket);
  }
  read_backlog();
}

void RunQueue::start(Ticket ticket) {
  auto& item = items_.at(ticket);
  ++running_;
  if (item.flags & message_flags::suppressed) {
    RunResult result;
    result.state = RunState::Suppressed;
    return pass(ticket, std::move(result));
  }
  if (!item.message || item.suspicious || item.work.message == suspect_) return load(ticket);
  run(ticket);
}

void RunQueue::load(Ticket ticket) {
  auto& item = items_.at(ticket);
  item.state = State::Loading;
  ports_.executor.post(
      [this, ticket, work = item.work, flags = item.flags, mark = item.suspicious] {
        auto read = read_message(work, flags, mark);
        std::lock_guard lock(mutex_);
        loaded(ticket, std::move(read));
      });
}

RunQueue::Loaded RunQueue::read_message(WorkRef work, std::uint16_t flags, bool mark) const {
  Loaded read{ports_.reader.message(work.message), 0, nullptr};
  auto& message = read.message;
  if (message && (flags & edited_flag) != 0) {
    auto edited = edited_content(ports_, work);
    if (edited)
      message->arrival.draft.body = std::move(*edited);
    else
      message = edited.error();
  }
  if (message && is_replay(message->arrival.flags)) {
    auto means = replay_means(ports_, *message);
    if (means)
      read.replay = std::make_shared<const ReplayMeans>(std::move(*means));
    else
      message = means.error();
  }
  if (mark) read.crashes = ports_.reader.trying(work);
  return read;
}

void RunQueue::loaded(Ticket ticket, Loaded read) {
  auto& item = items_.at(ticket);
  auto& [message, crashes, replay] = read;
  const bool away = (!message && message.error().kind == ErrorKind::Unavailable) ||
                    (!crashes && crashes.error().kind == ErrorKind::Unavailable);
  if (away) return again_when_back(ticket);
  RunResult failed;
  failed.state = RunState::Failed;
  if (!message || !crashes) {
    failed.steps.push_back({"load", "", message ? crashes.error() : message.error(), {}});
    return pass(ticket, std::move(failed));
  }
  item.marked = item.suspicious;
  item.suspicious = false;
  item.message = std::make_shared<const StoredMessage>(std::move(*message));
  item.replay = std::move(replay);
  if (item.message->arrival.draft.body.is_staged()) item.body_bytes = 0;
  body_bytes_ += item.body_bytes;
  const bool crashed = item.work.message == suspect_;
  if (crashed) suspect_ = {};  // whoever lets it go wants to see it run
  if (crashed || *crashes >= limits::crashes_until_suspect) {
    failed.state = RunState::Suspect;
    failed.steps.push_back(
        {"start",
         "",
         Error{ErrorKind::Internal, "",
               crashed ? "the engine ended by a fault while this message was being run"
                       : "the engine ended several times while this message was being run"},
         {}});
    return pass(ticket, std::move(failed));
  }
  run(ticket);
}

void RunQueue::run(Ticket ticket) {
  auto& item = items_.at(ticket);
  item.state = State::Running;
  item.used = uses_;
  if (item.replay && item.replay->made) return pass(ticket, *item.replay->made);
  const bool past = item.replay && item.replay->through;
  (past ? ports_.replays->workers() : ports_.workers)
      .run({id_.channel, past ? item.replay->through : transformation_, item.message, item.work.run,
            item.cause, &states_},
           [this, ticket](RunResult result) { on_result(ticket, std::move(result)); });
}

/// The database is away: a run is tried again when it may be back.
void RunQueue::again_when_back(Ticket ticket) {
  items_.at(ticket).state = State::Queued;
  --running_;
  ports_.executor.post_at(ports_.clock.steady() + Milliseconds(500), [this, ticket] {
    std::lock_guard lock(mutex_);
    make_candidate(ticket);
    dispatch();
  });
}

void RunQueue::on_result(Ticket ticket, RunResult result) {
  std::lock_guard lock(mutex_);
  if (result.again) {
    again_when_back(ticket);
  } else if (items_.at(ticket).used == uses_) {
    pass(ticket, std::move(result));
    dispatch();
  } else if (!stopped_) {
    // Deployed anew meanwhile: its destinations may be others. Nothing of the run is stored, so it
    // is run again, as it would be after a crash.
    run(ticket);
  }
}

void RunQueue::read_backlog() {
  if (stopped_ || !backlog_.overflows()) return;
  if (items_.size() - behind_ > limits::queue_window / 2) return;
  auto page = backlog_.next_page(seen_);
  if (!page) return;
  ports_.executor.post([this, page = *page] {
    auto rows = ports_.reader.open_runs(id_.channel, page);
    std::lock_guard lock(mutex_);
    page_read(page, std::move(rows));
  });
}

void RunQueue::page_read(const Page& page, Result<std::vector<OpenRun>> rows) {
  if (stopped_) return;
  if (!rows) {
    backlog_.read_failed();
    ports_.log.warn("backlog.read_failed",
                    {{"channel", name_}, {"kind", std::string(to_string(rows.error().kind))}});
    ports_.executor.post_at(ports_.clock.steady() + Milliseconds(500), [this] {
      std::lock_guard lock(mutex_);
      read_backlog();
    });
    return;
  }
  std::vector<OpenDelivery> work;
  for (auto& row : *rows)
    work.push_back({{row.message, RunNumber{1}, DestinationId{}},
                    std::move(row.order_keys),
                    row.body_bytes,
                    row.flags,
                    false,
                    0});
  auto loaded = backlog_.loaded(page, std::move(work), seen_);
  for (auto& row : loaded.committed) take_in(std::move(row));
  dispatch();
  report_low_water();
}

}  // namespace causeway::channel
