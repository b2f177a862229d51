// What a run leads to: a passage, or a lane that stands still; and what a person decides then.
#include <algorithm>

#include "engine/channel/failure_log.h"
#include "engine/channel/run_queue.h"
#include "engine/core/limits.h"

namespace causeway::channel {

AttentionRow RunQueue::attention_row(const Item& item, AttentionState state) const {
  AttentionRow row;
  row.queue = id_;
  row.work = item.work;
  row.state = state;
  row.outcome = Outcome::Rejected;
  row.attempts = static_cast<std::uint16_t>(item.work.run.value);
  row.flags = item.flags;
  row.since = row.due = ports_.clock.now();
  row.order_keys = item.keys;
  return row;
}

void RunQueue::pass(Ticket ticket, RunResult result) {
  auto& item = items_.at(ticket);
  Passage passage;
  passage.message = item.work.message;
  passage.run = item.work.run;
  passage.channel = id_.channel;
  passage.deployment = deployment_;
  if (item.replay && item.replay->through) passage.deployment = item.replay->order.through;
  if (item.replay) keep_ordered(item.replay->order, result);
  passage.cause = item.cause;
  passage.at = ports_.clock.now();
  keep_inputs(item, result, passage);
  passage.state = result.state;
  // Outputs are kept against what is stored with the message; an edit's content is not.
  const bool edited = (item.flags & edited_flag) != 0;
  if (item.message && !edited) passage.input = item.message->arrival.draft.body.bytes();
  if (edited)
    for (auto& output : result.outputs) output.same_as_input = false;
  if (item.message) {
    auto composed = listener_.compose(passage, *item.message, result);
    if (!composed) {
      passage.states.clear();
      passage.deliveries.clear();
      passage.children.clear();
      passage.attention.clear();
      passage.state = RunState::Failed;
      result.steps.push_back({"route", "", composed.error(), {}});
    }
  }
  passage.steps = std::move(result.steps);
  if (item.in_attention) passage.attention_settled.push_back(item.work);
  if (passage.state == RunState::Failed || passage.state == RunState::Suspect)
    return fail(ticket, passage);
  record(ticket, std::move(passage));
}

/// What the run was told, and what it leaves to the next of its lane.
void RunQueue::keep_inputs(const Item& item, RunResult& result, Passage& passage) const {
  auto good = check_inputs(result.inputs);
  if (good) passage.inputs = std::move(result.inputs);
  if (good) good = check_changes(result.changes, item.keys);
  const bool done = result.state == RunState::Passed || result.state == RunState::Filtered;
  if (!done) return;
  if (good) {
    if (!result.changes.empty())
      passage.states = states_.rows_of(item.keys.front(), std::move(result.changes));
    return;
  }
  result.state = RunState::Failed;
  result.steps.push_back({"state", "", good.error(), {}});
}

void RunQueue::note_failure(const Passage& passage, AfterFailure after) const {
  if (!ports_.failures || passage.steps.empty() || !passage.steps.back().error) return;
  const auto& step = passage.steps.back();
  ports_.failures->note({id_, step.error->kind, step.stage, script_line(step.error->place), {}},
                        passage.deployment, passage.message, passage.at, after);
}

void RunQueue::fail(Ticket ticket, Passage& passage) {
  auto& item = items_.at(ticket);
  const bool suspect = passage.state == RunState::Suspect;
  // Bytes without a header belong to no order: a stray sender's must not hold everybody's messages.
  const bool unreadable =
      item.message && (item.message->arrival.flags & message_flags::unreadable) != 0;
  const bool hold = on_error_ == Trouble::HoldLane && !suspect && !unreadable;
  auto row = attention_row(item, hold ? AttentionState::Held : AttentionState::Parked);
  row.suspect = suspect;
  if (!passage.steps.empty() && passage.steps.back().error) {
    row.kind = passage.steps.back().error->kind;
    row.reason = passage.steps.back().error->str().substr(0, limits::error_text_bytes);
  }
  note_failure(passage, hold ? AfterFailure::Held : AfterFailure::Parked);
  passage.attention_settled.clear();  // its row is replaced, not deleted
  passage.attention.push_back(std::move(row));
  if (!hold) return record(ticket, std::move(passage));
  block(ticket);
  for (auto behind : lanes_.behind(ticket, item.keys)) {
    auto& other = items_.at(behind);
    if (order_ != Order::Keyed || other.in_attention || other.state != State::Queued) continue;
    passage.attention.push_back(attention_row(other, AttentionState::Behind));
    other.in_attention = true;
    ++behind_;
  }
  record(ticket, std::move(passage));
}

void RunQueue::record(Ticket ticket, Passage passage) {
  auto& item = items_.at(ticket);
  const bool held = item.state == State::Held;
  if (!held) {
    item.state = State::Recording;
    out_of_lane(ticket);
  }
  --running_;
  if (queued_ > 0) --queued_;
  if (item.marked)
    ports_.executor.post([this, work = item.work] {
      if (!ports_.reader.tried({work}))
        ports_.log.warn("trying.not_unmarked", {{"channel", name_}});
    });
  item.marked = false;
  if (item.message) body_bytes_ -= std::min<std::size_t>(body_bytes_, item.body_bytes);
  item.message.reset();
  auto kept = std::make_shared<Passage>();
  kept->message = passage.message;
  kept->run = passage.run;
  kept->state = passage.state;
  for (const auto& delivery : passage.deliveries) {
    DeliveryRecord bare;
    bare.destination = delivery.destination;
    bare.part = delivery.part;
    kept->deliveries.push_back(std::move(bare));
  }
  kept->children = passage.children;
  states_.written(passage.states);
  for (const auto& row : passage.states) kept->states.push_back({row.lane, row.key, {}});
  for (const auto& row : passage.attention)
    if (row.queue == id_) kept->attention.push_back(row);
  ports_.journal.record(std::move(passage),
                        [this, ticket, kept](Result<std::vector<Receipt>> done) {
                          if (done) listener_.recorded(*kept, *done);
                          std::lock_guard lock(mutex_);
                          recorded(ticket, kept, done ? Status(Done{}) : Status(done.error()));
                          dispatch();
                        });
}

void RunQueue::recorded(Ticket ticket, const std::shared_ptr<Passage>& passage,
                        const Status& status) {
  states_.answered(passage->states, status.ok());
  if (!status) {
    listener_.refused(*passage);
    ports_.log.error("passage.failed", {{"channel", name_},
                                        {"message", to_string(passage->message)},
                                        {"kind", std::string(to_string(status.error().kind))}});
    return;  // the message stays open: a start takes it up again
  }
  for (const auto& row : passage->attention) open_.erase(row.work.message);
  open_.erase(passage->message);
  backlog_.finished({passage->message, RunNumber{1}, DestinationId{}});
  auto at = items_.find(ticket);
  if (at != items_.end() && at->second.state == State::Recording) erase(ticket);
  report_low_water();
}

void RunQueue::erase(Ticket ticket) {
  auto& item = items_.at(ticket);
  if (item.in_attention) --behind_;
  by_message_.erase(item.work.message);
  candidates_.erase(ticket);
  items_.erase(ticket);
}

void RunQueue::out_of_lane(Ticket ticket) {
  for (auto head : lanes_.remove(ticket, items_.at(ticket).keys)) make_candidate(head);
}

void RunQueue::block(Ticket ticket) {
  auto& item = items_.at(ticket);
  item.state = State::Held;
  if (!item.in_attention) ++behind_;
  item.in_attention = true;
  lanes_.block(ticket, item.keys);
}

void RunQueue::unblock(Ticket ticket) {
  lanes_.unblock(ticket, items_.at(ticket).keys);
}

void RunQueue::list_behind(const std::vector<Ticket>& tickets) {
  Settlement settlement;
  std::vector<WorkRef> works;
  for (auto ticket : tickets) {
    auto& item = items_.at(ticket);
    if (item.in_attention) continue;
    settlement.attention.push_back(attention_row(item, AttentionState::Behind));
    item.in_attention = true;
    ++behind_;
    works.push_back(item.work);
  }
  if (works.empty()) return;
  ports_.journal.settle(std::move(settlement), [this, works](const Status& status) {
    std::lock_guard lock(mutex_);
    if (!status) return;
    for (const auto& work : works) open_.erase(work.message);
    for (const auto& work : works) backlog_.finished(work);
    report_low_water();
  });
}

void RunQueue::catch_up(MessageId answered) {
  seen_ = std::max(seen_, answered);
  report_low_water();
}

void RunQueue::report_low_water() {
  auto low = std::min(horizon(), ports_.journal.answered());
  if (low <= low_water_) return;
  low_water_ = low;
  ports_.journal.low_water(id_, low);
}

Ticket RunQueue::find_ticket(MessageId message) const {
  auto at = by_message_.find(message);
  return at == by_message_.end() ? 0 : at->second;
}

Status RunQueue::recover(MessageId low_water, MessageId last, bool unclean) {
  unclean_ = unclean;
  seen_ = last_before_start_ = last;
  low_water_ = low_water;
  backlog_.recover(low_water, last);
  WorkRef after;
  for (;;) {
    auto rows = ports_.reader.attention(id_, after, limits::queue_page);
    if (!rows) return rows.error();
    if (rows->empty()) break;
    after = rows->back().work;
    for (auto& row : *rows) {
      if (row.state != AttentionState::Behind) listener_.was_in_trouble(row.work.message);
      if (row.state == AttentionState::Parked) continue;
      Item item;
      item.work = row.work;
      item.keys = row.order_keys;
      item.flags = row.flags;
      item.in_attention = true;
      item.cause = Cause::Recovery;
      const bool held = row.state == AttentionState::Held;
      if (held) item.state = State::Held;
      item.suspicious = !held && unclean && next_ticket_ <= limits::queue_window;
      auto ticket = keep(std::move(item));
      if (held) lanes_.block(ticket, items_.at(ticket).keys);
    }
  }
  return Done{};
}

Status RunQueue::release(const AttentionRow& row, std::string reason) {
  auto ticket = find_ticket(row.work.message);
  if (ticket == 0 && row.state != AttentionState::Parked)
    return Error{ErrorKind::Conflict, "", "this run is not held any more"};
  if (ticket == 0) {
    Item item;
    item.work = row.work;
    item.keys = row.order_keys;
    item.flags = row.flags;
    item.in_attention = true;
    item.state = State::Held;
    ticket = keep(std::move(item));
    lanes_.block(ticket, items_.at(ticket).keys);
  }
  auto& item = items_.at(ticket);
  if (item.state != State::Held) return Error{ErrorKind::Conflict, "", "this run is under way"};
  // A further run has a number of its own, and so a row of its own: the old one is settled with it.
  Settlement settlement;
  AttemptRecord record;
  item.flags |= row.flags & edited_flag;
  record.work = item.work;
  record.event = WorkEvent::Released;
  record.terminal = false;
  record.text = std::move(reason);
  record.at = ports_.clock.now();
  settlement.attempts.push_back(record);
  settlement.attention_settled.push_back(item.work);
  ++item.work.run.value;
  item.cause = Cause::Retry;
  settlement.attention.push_back(attention_row(item, AttentionState::Behind));
  ports_.journal.settle(std::move(settlement), [](const Status&) {});
  item.state = State::Queued;
  unblock(ticket);
  make_candidate(ticket);
  dispatch();
  return Done{};
}

Status RunQueue::discard(const AttentionRow& row, std::string reason) {
  auto ticket = find_ticket(row.work.message);
  if (ticket != 0 && items_.at(ticket).state != State::Held)
    return Error{ErrorKind::Conflict, "", "this run is under way"};
  Settlement settlement;
  AttemptRecord record;
  record.work = row.work;
  record.event = WorkEvent::Discarded;
  record.at = ports_.clock.now();
  record.text = std::move(reason);
  settlement.attempts.push_back(std::move(record));
  settlement.attention_settled.push_back(row.work);
  ports_.journal.settle(std::move(settlement), [](const Status&) {});
  if (ticket == 0) return Done{};
  unblock(ticket);
  out_of_lane(ticket);
  erase(ticket);
  dispatch();
  return Done{};
}

}  // namespace causeway::channel
