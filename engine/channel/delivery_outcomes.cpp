// What an attempt leads to: the lane goes on, waits, or stands still; the destination is up or
// down.
#include <algorithm>

#include "engine/channel/delivery_queue.h"
#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

Settlement without_texts(const Settlement& settlement) {
  Settlement bare;
  for (const auto& from : settlement.attempts) {
    AttemptRecord record;
    record.work = from.work;
    record.event = from.event;
    record.attempt = from.attempt;
    record.outcome = from.outcome;
    record.terminal = from.terminal;
    record.kind = from.kind;
    record.at = from.at;
    bare.attempts.push_back(std::move(record));
  }
  bare.attention = settlement.attention;
  for (auto& row : bare.attention) row.reason.clear();
  bare.attention_settled = settlement.attention_settled;
  bare.patient = settlement.patient;
  return bare;
}

}  // namespace

void DeliveryQueue::on_outcome(Ticket ticket, Attempt attempt) {
  std::lock_guard lock(mutex_);
  // An earlier sink that couldn't send says nothing of the present one, which makes the try.
  const bool unsent = attempt.outcome == Outcome::Deferred &&
                      (attempt.destination_down || attempt.reason.kind == ErrorKind::Stopped);
  if (unsent && items_.at(ticket).sent_by != sinks_)
    take_back(ticket);
  else if (response_ && (attempt.outcome == Outcome::Delivered || !attempt.response.empty()))
    look(ticket, response_request(items_.at(ticket), std::move(attempt)));
  else
    apply(ticket, std::move(attempt));
  dispatch();
}

std::shared_ptr<const ResponseRequest> DeliveryQueue::response_request(const Item& item,
                                                                       Attempt attempt) const {
  return std::make_shared<const ResponseRequest>(
      ResponseRequest{id_.destination,
                      response_,
                      {item.work, item.content_type, item.body, item.flags, item.attributes},
                      std::move(attempt),
                      &ports_.reader});
}

/// The delivery counts as being sent until its response script has said what its answer means.
void DeliveryQueue::look(Ticket ticket, std::shared_ptr<const ResponseRequest> request) {
  ports_.workers.respond(request, [this, ticket, request](ResponseResult seen) {
    std::lock_guard lock(mutex_);
    looked(ticket, request, std::move(seen));
    dispatch();
  });
}

void DeliveryQueue::looked(Ticket ticket, const std::shared_ptr<const ResponseRequest>& request,
                           ResponseResult seen) {
  if (!seen.again) return apply(ticket, seen_through(request->attempt, std::move(seen)));
  ports_.executor.post_at(ports_.clock.steady() + Milliseconds(500), [this, ticket, request] {
    std::lock_guard lock(mutex_);
    look(ticket, request);
  });
}

void DeliveryQueue::take_back(Ticket ticket) {
  Settlement settlement;
  Ends ends;
  disarm(items_.at(ticket), settlement, ends);
  hand_over(std::move(settlement), std::move(ends));
}

AttentionRow DeliveryQueue::attention_row(const Item& item, AttentionState state,
                                          const Attempt& attempt) const {
  AttentionRow row;
  row.queue = id_;
  row.work = item.work;
  row.state = state;
  row.outcome = attempt.outcome;
  row.kind = attempt.reason.kind;
  row.attempts = item.attempts;
  row.flags = item.flags;
  row.since = row.due = ports_.clock.now();
  if (item.first_failed.time_since_epoch().count() != 0) row.since = item.first_failed;
  row.order_keys = item.keys;
  row.reason = attempt.reason.str().substr(0, limits::error_text_bytes);
  return row;
}

AttemptRecord DeliveryQueue::attempt_record(const Item& item, WorkEvent event) const {
  AttemptRecord record;
  record.work = item.work;
  record.event = event;
  record.attempt = item.attempts;
  record.terminal = false;
  record.at = ports_.clock.now();
  return record;
}

void DeliveryQueue::apply(Ticket ticket, Attempt attempt, Said said) {
  auto& item = items_.at(ticket);
  const auto now = ports_.clock.now();
  ++item.attempts;
  if (item.first_failed.time_since_epoch().count() == 0) item.first_failed = now;
  auto decision = decide(
      policy_, attempt,
      {item.attempts, item.first_failed, now, static_cast<std::uint64_t>(item.work.message.value)});
  if (decision.possible_duplicate) item.flags |= message_flags::possible_duplicate;

  Settlement settlement;
  auto record = attempt_record(item, WorkEvent::Settled);
  record.outcome = attempt.outcome;
  record.terminal = decision.next == Decision::Next::Finish;
  record.kind = attempt.reason.kind;
  record.response = attempt.response.substr(0, limits::response_bytes);
  record.text = attempt.reason.str().substr(0, limits::error_text_bytes);
  settlement.attempts.push_back(std::move(record));
  listener_.outcome(item.work, attempt, decision.next, settlement);

  if (attempt.destination_down)
    destination_down();
  else if (attempt.reason.kind != ErrorKind::Stopped && said == Said::Something)
    destination_up();

  switch (decision.next) {
    case Decision::Next::Finish:
      // Its lane has gone on already; only its slot waits for the commit, and there are others.
      settlement.patient = item.in_flight && 2 * in_flight_ <= policy_.in_flight_max;
      return leave(ticket, std::move(settlement));
    case Decision::Next::Park:
      settlement.attention.push_back(attention_row(item, AttentionState::Parked, attempt));
      return put_aside(ticket, std::move(settlement));
    case Decision::Next::Hold:
      return stay(ticket, attention_row(item, AttentionState::Held, attempt), true,
                  std::move(settlement));
    case Decision::Next::Retry: {
      auto row = attention_row(item, AttentionState::Waiting, attempt);
      row.due = decision.due;
      return stay(ticket, std::move(row), !attempt.destination_down, std::move(settlement));
    }
  }
}

DeliveryQueue::Ends DeliveryQueue::ends_of(const Item& item) const {
  Ends ends;
  if (!item.in_attention) ends.open.push_back(item.work);
  ends.in_flight = item.in_flight ? 1 : 0;
  return ends;
}

/// Delivered: its lane goes on.
void DeliveryQueue::leave(Ticket ticket, Settlement settlement) {
  auto& item = items_.at(ticket);
  if (item.in_attention) settlement.attention_settled.push_back(item.work);
  auto ends = ends_of(item);
  ends.leaving.push_back(item.work);
  leaving_.insert(item.work);
  if (item.marked) unmark(item);
  hand_over(std::move(settlement), std::move(ends));
  leave_lanes(ticket);
}

/// Parked, or closed by a person: its lane goes on when that is committed.
void DeliveryQueue::put_aside(Ticket ticket, Settlement settlement) {
  auto& item = items_.at(ticket);
  const bool parked = !settlement.attention.empty();
  if (item.in_attention && !parked) settlement.attention_settled.push_back(item.work);
  auto ends = ends_of(item);
  ends.aside = ticket;
  item.state = State::Leaving;
  item.in_flight = item.armed = false;
  candidates_.erase(ticket);
  ports_.executor.cancel(item.timer);
  if (item.marked) unmark(item);
  item.marked = false;
  forget_body(item);
  hand_over(std::move(settlement), std::move(ends));
}

void DeliveryQueue::leave_lanes(Ticket ticket) {
  auto& item = items_.at(ticket);
  if (item.blocks) unblock(ticket, item);
  for (auto head : forget(ticket)) try_send(head);
}

void DeliveryQueue::stay(Ticket ticket, AttentionRow row, bool by_itself, Settlement settlement) {
  auto& item = items_.at(ticket);
  Ends ends;
  ends.in_flight = item.in_flight ? 1 : 0;
  item.in_flight = item.armed = false;
  if (!item.in_attention) {
    ends.open.push_back(item.work);
    item.in_attention = true;
    ++behind_;
  }
  item.state = row.state == AttentionState::Held ? State::Held : State::Waiting;
  if (item.marked) unmark(item);
  item.marked = false;
  forget_body(item);
  if (item.state == State::Waiting) {
    auto delay = std::max(row.due - ports_.clock.now(), std::chrono::microseconds(0));
    item.timer = ports_.executor.post_at(ports_.clock.steady() + delay, [this, ticket] {
      std::lock_guard lock(mutex_);
      wake(ticket);
      dispatch();
    });
  }
  settlement.attention.push_back(std::move(row));
  block(ticket, item, by_itself);
  // Where lanes are many, one that stands still must not hold back the low-water mark of the
  // others: what stands in it is listed. A single lane, or a destination that is away, is a range
  // instead.
  settle_behind(lanes_.behind(ticket, item.keys), by_itself && order_ == Order::Keyed, settlement,
                ends);
  hand_over(std::move(settlement), std::move(ends));
}

void DeliveryQueue::block(Ticket ticket, Item& item, bool by_itself) {
  item.blocks = true;
  item.waits_for_destination = !by_itself;
  item.blocks_by_itself = by_itself && order_ == Order::Keyed;
  lanes_.block(ticket, item.keys);
  if (item.blocks_by_itself) own_trouble_.block(ticket, item.keys);
  for (auto behind : lanes_.behind(ticket, item.keys)) candidates_.erase(behind);
}

void DeliveryQueue::unblock(Ticket ticket, Item& item) {
  lanes_.unblock(ticket, item.keys);
  if (item.blocks_by_itself) own_trouble_.unblock(ticket, item.keys);
  item.blocks = item.blocks_by_itself = false;
  add_candidates(ticket, item.keys);
}

/// What stands behind it and may go now.
void DeliveryQueue::add_candidates(Ticket ticket, const OrderKeys& keys) {
  for (auto behind : lanes_.behind(ticket, keys)) {
    const auto& other = items_.at(behind);
    if (other.state == State::Queued && !lanes_.blocked(behind, other.keys))
      candidates_.insert(behind);
  }
}

void DeliveryQueue::settle_behind(const std::vector<Ticket>& behind, bool list,
                                  Settlement& settlement, Ends& ends) {
  for (auto ticket : behind) {
    auto& other = items_.at(ticket);
    if (other.state == State::Armed || other.state == State::Loading)
      disarm(other, settlement, ends);
    // Also what is only just being committed: its row follows in the same order as what comes
    // later.
    const bool waits = other.state == State::Queued || other.state == State::Committing ||
                       other.state == State::Beginning;
    if (!list || other.in_attention || !waits) continue;
    settlement.attention.push_back(attention_row(other, AttentionState::Behind, {}));
    ends.open.push_back(other.work);
    other.in_attention = true;
    ++behind_;
  }
}

void DeliveryQueue::disarm(Item& item, Settlement& settlement, Ends& ends) {
  auto record = attempt_record(item, WorkEvent::Disarmed);
  record.attempt = static_cast<std::uint16_t>(item.attempts + 1);
  settlement.attempts.push_back(std::move(record));
  if (item.in_attention)
    settlement.attention.push_back(attention_row(item, AttentionState::Behind, {}));
  if (item.in_flight) ++ends.in_flight;
  item.in_flight = false;
  queue(find_ticket(item.work), item);
}

void DeliveryQueue::disarm_all() {
  Settlement settlement;
  Ends ends;
  for (auto& [ticket, item] : items_)
    if (item.state == State::Armed || item.state == State::Loading) disarm(item, settlement, ends);
  hand_over(std::move(settlement), std::move(ends));
}

void DeliveryQueue::wake(Ticket ticket) {
  auto at = items_.find(ticket);
  if (stopped_ || at == items_.end() || at->second.state != State::Waiting) return;
  auto& item = at->second;
  ports_.executor.cancel(item.timer);
  item.timer = 0;
  item.state = State::Queued;
  unblock(ticket, item);
  if (!lanes_.blocked(ticket, item.keys)) candidates_.insert(ticket);
}

void DeliveryQueue::destination_down() {
  probing_ = false;
  auto delay =
      backoff(policy_.retry, ++down_count_, static_cast<std::uint64_t>(id_.destination.value));
  if (!down_) ports_.log.warn("destination.down", {{"destination", name_}});
  down_ = true;
  ports_.executor.cancel(down_timer_);
  down_timer_ = ports_.executor.post_at(ports_.clock.steady() + delay, [this] {
    std::lock_guard lock(mutex_);
    down_timer_fired();
  });
  disarm_all();
}

void DeliveryQueue::down_timer_fired() {
  if (stopped_ || !down_) return;
  probing_ = true;
  // What waits for the destination itself is what it is tried with.
  for (auto& [ticket, item] : items_)
    if (item.state == State::Waiting && item.waits_for_destination &&
        !lanes_.blocked(ticket, item.keys)) {
      wake(ticket);
      break;
    }
  dispatch();
}

void DeliveryQueue::destination_up() {
  if (!down_) return;
  ports_.log.info("destination.up", {{"destination", name_}});
  ports_.executor.cancel(down_timer_);
  down_ = probing_ = false;
  down_count_ = 0;
  std::vector<Ticket> waiting;
  for (auto& [ticket, item] : items_)
    if (item.state == State::Waiting && item.waits_for_destination) waiting.push_back(ticket);
  for (auto ticket : waiting) wake(ticket);
}

void DeliveryQueue::hand_over(Settlement settlement, Ends ends) {
  if (settlement.attempts.empty() && settlement.attention.empty() &&
      settlement.attention_settled.empty() && !settlement.reply)
    return;
  // Without its texts it can be stored whatever they hold: an outcome is never lost to its wording.
  auto bare = without_texts(settlement);
  auto done = [this, ends](const Status& status) {
    std::lock_guard lock(mutex_);
    if (status) return handed_over(ends);
    ports_.log.error("settlement.failed", {{"destination", name_},
                                           {"kind", std::string(to_string(status.error().kind))}});
  };
  ports_.journal.settle(std::move(settlement), [this, bare = std::move(bare), done](Status status) {
    const bool can_be_bared = !status && (status.error().kind == ErrorKind::Invalid ||
                                          status.error().kind == ErrorKind::Limit);
    if (can_be_bared)
      ports_.journal.settle(bare, done);
    else
      done(status);
  });
}

void DeliveryQueue::handed_over(const Ends& ends) {
  in_flight_ -= ends.in_flight;
  CHECK(in_flight_ >= 0);
  for (const auto& work : ends.open) {
    auto at = open_.find(work.message);
    if (at != open_.end()) open_.erase(at);
  }
  for (const auto& work : ends.leaving) {
    leaving_.erase(work);
    backlog_.finished(work);
  }
  if (ends.aside != 0) {
    backlog_.finished(items_.at(ends.aside).work);
    leave_lanes(ends.aside);
  }
  report_low_water();
  dispatch();
}

MessageId DeliveryQueue::low_water() const {
  auto low = listener_.horizon();
  if (!open_.empty()) low = std::min(low, MessageId{open_.begin()->value - 1});
  if (backlog_.overflows()) low = std::min(low, backlog_.read_to());
  return low;
}

void DeliveryQueue::catch_up() {
  report_low_water();
  dispatch();
}

void DeliveryQueue::report_low_water() {
  auto low = std::min(low_water(), ports_.journal.answered());
  if (low <= low_water_) return;
  low_water_ = low;
  ports_.journal.low_water(id_, low);
}

}  // namespace causeway::channel
