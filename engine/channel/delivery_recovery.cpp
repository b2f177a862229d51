// Deliveries after a start, and deliveries that a person decides on.
#include <algorithm>

#include "engine/channel/delivery_queue.h"
#include "engine/channel/replay_order.h"
#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

Attempt lost_outcome() {
  Attempt attempt;
  attempt.outcome = Outcome::Ambiguous;
  attempt.reason = {ErrorKind::Unavailable, "", "the engine ended during this try"};
  return attempt;
}

}  // namespace

Status DeliveryQueue::recover(MessageId low_water, MessageId last, bool unclean) {
  unclean_ = unclean;
  recovering_ = true;
  low_water_ = low_water;
  last_before_start_ = last;
  backlog_.recover(low_water, last);
  WorkRef after;
  for (;;) {
    auto rows = ports_.reader.attention(id_, after, limits::queue_page);
    if (!rows) return rows.error();
    if (rows->empty()) break;
    after = rows->back().work;
    for (auto& row : *rows) recover_row(std::move(row));
  }
  dispatch();
  return Done{};
}

void DeliveryQueue::recover_row(AttentionRow row) {
  if (row.outcome == Outcome::Rejected) listener_.was_in_trouble(row.work.message);
  if (row.state == AttentionState::Parked) return;
  Item item;
  item.work = row.work;
  item.keys = row.order_keys;
  item.flags = row.flags;
  item.attempts = row.attempts;
  item.first_failed = row.since;
  item.in_attention = true;
  item.in_flight = row.state == AttentionState::Trying;
  item.state = State::Queued;
  ++queued_;
  if (row.state == AttentionState::Behind && ahead_of_backlog(item)) {
    apart_.emplace(item.work, std::move(item));
    return;
  }
  auto ticket = keep(std::move(item));
  auto& kept = items_.at(ticket);
  if (row.state == AttentionState::Trying) return ambiguous_after_crash(ticket);
  if (row.state == AttentionState::Behind) return queue(ticket, kept);
  kept.state = row.state == AttentionState::Held ? State::Held : State::Waiting;
  block(ticket, kept, row.kind != ErrorKind::Unavailable);
  if (kept.state == State::Held) return;
  // The wall clock may have jumped since the row was written: no wait is longer than the policy's.
  auto delay = std::clamp<std::chrono::microseconds>(
      row.due - ports_.clock.now(), std::chrono::microseconds(0), policy_.retry.max);
  kept.timer = ports_.executor.post_at(ports_.clock.steady() + delay, [this, ticket] {
    std::lock_guard lock(mutex_);
    wake(ticket);
    dispatch();
  });
}

bool DeliveryQueue::ahead_of_backlog(const Item& item) const {
  return backlog_.overflows() && item.work.message > backlog_.read_to();
}

void DeliveryQueue::take_apart_before(const WorkRef& work) {
  while (!apart_.empty() && apart_.begin()->first < work) {
    auto item = std::move(apart_.begin()->second);
    apart_.erase(apart_.begin());
    const bool committing = item.state == State::Committing;
    const auto ticket = keep(std::move(item));
    if (!committing) queue(ticket, items_.at(ticket));
  }
}

void DeliveryQueue::ambiguous_after_crash(Ticket ticket) {
  auto& item = items_.at(ticket);
  if (suspect_ == item.work)
    return park_suspect(ticket, "the engine ended while its answer was looked at");
  item.suspicious = unclean_;
  apply(ticket, lost_outcome(), Said::Nothing);
}

void DeliveryQueue::mark_and_send(Ticket ticket) {
  auto& item = items_.at(ticket);
  item.state = State::Loading;
  ports_.executor.post([this, ticket, work = item.work] {
    auto crashes = ports_.reader.trying(work);
    std::lock_guard lock(mutex_);
    auto at = items_.find(ticket);
    if (at == items_.end() || at->second.state != State::Loading) return;  // disarmed meanwhile
    auto& marked = at->second;
    marked.state = State::Armed;
    if (!crashes) {
      Settlement settlement;
      Ends ends;
      disarm(marked, settlement, ends);
      return hand_over(std::move(settlement), std::move(ends));
    }
    marked.suspicious = false;
    marked.marked = true;
    if (*crashes < limits::crashes_until_suspect) return try_send(ticket);
    park_suspect(ticket, "the engine ended several times while this was being sent");
  });
}

void DeliveryQueue::park_suspect(Ticket ticket, const char* why) {
  const auto& item = items_.at(ticket);
  Attempt attempt;
  attempt.outcome = Outcome::Ambiguous;
  attempt.reason = {ErrorKind::Internal, "", why};
  auto row = attention_row(item, AttentionState::Parked, attempt);
  row.suspect = true;
  Settlement settlement;
  settlement.attention.push_back(std::move(row));
  listener_.outcome(item.work, attempt, Decision::Next::Park, settlement);
  put_aside(ticket, std::move(settlement));
}

void DeliveryQueue::unmark(const Item& item) {
  ports_.executor.post([this, work = item.work] {
    if (!ports_.reader.tried({work}))
      ports_.log.warn("trying.not_unmarked", {{"destination", name_}});
  });
}

Status DeliveryQueue::release(const AttentionRow& row, bool possible_duplicate,
                              std::string reason) {
  if (retired_)
    return Error{ErrorKind::NotFound, "", "the channel has no such destination any more"};
  auto ticket = find_ticket(row.work);
  if (ticket == 0 && row.state != AttentionState::Parked)
    return Error{ErrorKind::Conflict, "", "this delivery is not held any more"};
  if (ticket == 0) {
    Item item;
    item.work = row.work;
    item.keys = row.order_keys;
    item.attempts = row.attempts;
    item.first_failed = ports_.clock.now();
    item.flags = row.flags;
    item.in_attention = true;
    item.state = State::Held;
    ticket = keep(std::move(item));
    block(ticket, items_.at(ticket), true);
  }
  auto& item = items_.at(ticket);
  if (item.state != State::Held && item.state != State::Waiting)
    return Error{ErrorKind::Conflict, "", "this delivery is being sent"};
  if (possible_duplicate) item.flags |= message_flags::possible_duplicate;
  item.flags |= row.flags & edited_flag;
  Settlement settlement;
  settlement.attempts.push_back(attempt_record(item, WorkEvent::Released));
  settlement.attempts.back().text = std::move(reason);
  settlement.attention.push_back(attention_row(item, AttentionState::Behind, {}));
  hand_over(std::move(settlement), {});
  item.state = State::Waiting;
  wake(ticket);
  dispatch();
  return Done{};
}

Status DeliveryQueue::close(const AttentionRow& row, WorkEvent event, std::string reason) {
  Settlement settlement;
  AttemptRecord record;
  record.work = row.work;
  record.event = event;
  record.attempt = row.attempts;
  record.terminal = true;
  record.at = ports_.clock.now();
  record.text = std::move(reason);
  settlement.attempts.push_back(std::move(record));
  auto ticket = find_ticket(row.work);
  if (ticket == 0) {
    if (row.state != AttentionState::Parked)
      return Error{ErrorKind::Conflict, "",
                   apart_.contains(row.work) ? "what comes before this delivery is not read yet"
                                             : "this delivery is settled already"};
    settlement.attention_settled.push_back(row.work);
    hand_over(std::move(settlement), {});
    return Done{};
  }
  auto state = items_.at(ticket).state;
  if (state != State::Held && state != State::Waiting && state != State::Queued)
    return Error{ErrorKind::Conflict, "", "this delivery is being sent"};
  put_aside(ticket, std::move(settlement));
  dispatch();
  return Done{};
}

}  // namespace causeway::channel
