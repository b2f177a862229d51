#include "engine/channel/delivery_queue.h"

#include <algorithm>

#include "engine/channel/replay_order.h"
#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

/// In memory: a staged body is read by its sink, piece by piece.
std::size_t held_bytes(const Body& body) {
  return body.is_staged() ? 0 : static_cast<std::size_t>(body.size());
}

}  // namespace

DeliveryQueue::DeliveryQueue(WorkQueue id, std::string name, const Ports& ports, std::mutex& mutex,
                             DeliveryListener& listener)
    : id_(id), name_(std::move(name)), ports_(ports), mutex_(mutex), listener_(listener) {}

void DeliveryQueue::use(Sink* sink, DestinationPolicy policy, Order order,
                        std::shared_ptr<const ResponseTransformationFactory> response) {
  response_ = std::move(response);
  policy_ = std::move(policy);
  order_ = order;
  retired_ = false;
  if (sink != sink_) {
    sink_ = sink;
    ++sinks_;
    destination_up();
  }
  pause(policy_.paused);
}

void DeliveryQueue::pause(bool paused) {
  policy_.paused = paused;
  if (paused)
    disarm_all();
  else
    dispatch();
}

void DeliveryQueue::stop() {
  stopped_ = true;
  disarm_all();
  ports_.executor.cancel(down_timer_);
  for (auto& [ticket, item] : items_) ports_.executor.cancel(item.timer);
}

DeliveryQueue::Figures DeliveryQueue::figures() const {
  const bool empty = items_.empty() && apart_.empty() && leaving_.empty() && !backlog_.overflows();
  // Tickets are in the order of arrival, but for what came back late: near enough for people.
  const auto oldest = items_.empty() ? MessageId{} : items_.begin()->second.work.message;
  return {items_.size(), in_flight_, backlog_.overflows(), down_, policy_.paused, behind_,
          empty,         oldest};
}

bool DeliveryQueue::may_send() const {
  return !stopped_ && !recovering_ && sink_ && !policy_.paused && !held_ && (!down_ || probing_) &&
         ports_.journal.holds_lease();
}

bool DeliveryQueue::may_stay_armed(Ticket ticket, const Item& item) const {
  if (lanes_.blocked(ticket, item.keys) || !may_send()) return false;
  // A destination that is away has a single slot, for what can be sent now.
  return !down_ || lanes_.at_head(ticket, item.keys);
}

bool DeliveryQueue::gate_open() const {
  if (!may_send()) return false;
  return in_flight_ < (down_ ? 1 : policy_.in_flight_max);
}

bool DeliveryQueue::may_arm(const OrderKeys& keys) const {
  // Older work comes first, in its lanes as well as in the slots.
  return gate_open() && candidates_.empty() && unarmed_committing_ == 0 &&
         !lanes_.blocked(next_arrival, keys);
}

bool DeliveryQueue::has_room() const {
  return items_.size() - behind_ < limits::queue_window;
}

void DeliveryQueue::plan(DeliveryRecord& record, WorkRef work, Passage& passage) {
  // What a run makes of a message long passed by (it had been held, or behind one that was) no page
  // would bring: it is listed in `attention` from the start, and stays in memory.
  const bool late = work.message <= listener_.horizon();
  ++queued_;
  if (!late && !backlog_.overflows() && !has_room()) backlog_.overflow(listener_.horizon());
  if (!late && backlog_.overflows()) {
    backlog_.planned({work, record.order_keys, record.body.size(), record.flags, false, 0});
    return;
  }
  Item item;
  item.work = work;
  item.keys = record.order_keys;
  item.content_type = record.content_type;
  item.flags = record.flags;
  item.body_bytes = record.body.size();
  item.state = State::Committing;
  item.in_attention = late || own_trouble_.blocked(next_arrival, record.order_keys);
  item.armed = record.armed = !item.in_attention && may_arm(record.order_keys);
  item.in_flight = item.armed;
  if (item.in_attention)
    passage.attention.push_back(attention_row(item, AttentionState::Behind, {}));
  if (late && ahead_of_backlog(item)) {
    apart_.emplace(work, std::move(item));
    return;
  }
  remember_body(item, record);
  keep(std::move(item));
}

Ticket DeliveryQueue::keep(Item item) {
  const auto ticket = next_ticket_++;
  if (item.in_flight) ++in_flight_;
  if (item.in_attention)
    ++behind_;
  else
    open_.insert(item.work.message);
  if (item.state == State::Committing && !item.armed) ++unarmed_committing_;
  lanes_.add(ticket, item.keys);
  by_work_.emplace(item.work, ticket);
  items_.emplace(ticket, std::move(item));
  return ticket;
}

Ticket DeliveryQueue::find_ticket(WorkRef work) const {
  auto at = by_work_.find(work);
  return at == by_work_.end() ? 0 : at->second;
}

bool DeliveryQueue::known(WorkRef work) const {
  return find_ticket(work) != 0 || apart_.contains(work) || leaving_.contains(work);
}

void DeliveryQueue::committed(WorkRef work) {
  if (auto ticket = find_ticket(work)) {
    auto& item = items_.at(ticket);
    CHECK(item.state == State::Committing);
    if (item.armed) {
      item.state = State::Armed;
      if (!may_stay_armed(ticket, item)) {
        Settlement settlement;
        Ends ends;
        disarm(item, settlement, ends);
        hand_over(std::move(settlement), std::move(ends));
      } else {
        try_send(ticket);
      }
    } else {
      --unarmed_committing_;
      queue(ticket, item);
    }
  } else if (auto apart = apart_.find(work); apart != apart_.end()) {
    apart->second.state = State::Queued;
  } else if (auto row = backlog_.committed(work, listener_.horizon())) {
    take_in(std::move(*row), State::Queued);
  }
  dispatch();
}

void DeliveryQueue::refused(WorkRef work) {
  auto ticket = find_ticket(work);
  if (ticket == 0) {
    if (queued_ > 0) --queued_;
    if (apart_.erase(work) > 0) return;
    return backlog_.refused(work);
  }
  auto& item = items_.at(ticket);
  if (!item.armed) --unarmed_committing_;
  if (!item.in_attention) open_.erase(open_.find(work.message));
  if (item.in_flight) --in_flight_;
  auto heads = forget(ticket);
  for (auto head : heads) try_send(head);
  dispatch();
}

std::vector<Ticket> DeliveryQueue::forget(Ticket ticket) {
  auto& item = items_.at(ticket);
  if (item.in_attention) --behind_;
  if (queued_ > 0) --queued_;
  ports_.executor.cancel(item.timer);
  forget_body(item);
  candidates_.erase(ticket);
  auto heads = lanes_.remove(ticket, item.keys);
  by_work_.erase(item.work);
  items_.erase(ticket);
  return heads;
}

void DeliveryQueue::take_in(OpenDelivery row, State state) {
  if (known(row.work)) return;
  if (row.work.message <= last_before_start_) ++queued_;
  Item item;
  item.work = row.work;
  item.keys = std::move(row.order_keys);
  item.flags = row.flags;
  item.body_bytes = row.body_bytes;
  item.attempts = row.attempts;
  item.state = state;
  const bool was_being_tried = row.armed;
  item.in_flight = was_being_tried;  // until its outcome is committed
  const bool behind = own_trouble_.blocked(next_arrival, item.keys);
  auto ticket = keep(std::move(item));
  auto& kept = items_.at(ticket);
  if (was_being_tried) return ambiguous_after_crash(ticket);
  if (state == State::Queued) queue(ticket, kept);
  if (!behind) return;
  // Also for what is only just being committed: what comes after it is listed, so it must be too.
  Settlement settlement;
  Ends ends;
  settlement.attention.push_back(attention_row(kept, AttentionState::Behind, {}));
  ends.open.push_back(kept.work);
  kept.in_attention = true;
  ++behind_;
  hand_over(std::move(settlement), std::move(ends));
}

void DeliveryQueue::queue(Ticket ticket, Item& item) {
  item.state = State::Queued;
  item.armed = false;
  if (!lanes_.blocked(ticket, item.keys)) candidates_.insert(ticket);
}

void DeliveryQueue::dispatch() {
  if (retired_) park_open();
  std::vector<Ticket> tickets;
  while (!candidates_.empty() && gate_open()) {
    auto ticket = *candidates_.begin();
    candidates_.erase(candidates_.begin());
    auto& item = items_.at(ticket);
    item.state = State::Beginning;
    item.in_flight = true;
    ++in_flight_;
    tickets.push_back(ticket);
  }
  if (!tickets.empty()) begin(tickets);
  read_backlog();
}

void DeliveryQueue::begin(const std::vector<Ticket>& tickets) {
  Settlement settlement;
  for (auto ticket : tickets) {
    const auto& item = items_.at(ticket);
    auto record = attempt_record(item, WorkEvent::Begun);
    record.attempt = static_cast<std::uint16_t>(item.attempts + 1);
    settlement.attempts.push_back(std::move(record));
    if (item.in_attention)
      settlement.attention.push_back(attention_row(item, AttentionState::Trying, {}));
  }
  ports_.journal.settle(std::move(settlement), [this, tickets](const Status& status) {
    if (!status) return;  // the lease is lost, or the engine stops: no try may be made
    std::lock_guard lock(mutex_);
    begun(tickets);
  });
}

void DeliveryQueue::begun(const std::vector<Ticket>& tickets) {
  for (auto ticket : tickets) {
    auto& item = items_.at(ticket);
    item.state = State::Armed;
    item.armed = true;
  }
  Settlement settlement;
  Ends ends;
  for (auto ticket : tickets) {
    auto& item = items_.at(ticket);
    if (!may_stay_armed(ticket, item)) disarm(item, settlement, ends);
  }
  hand_over(std::move(settlement), std::move(ends));
  // Those that follow in a lane are loaded along with its head.
  std::vector<Ticket> without_body;
  for (auto ticket : tickets) {
    const auto& item = items_.at(ticket);
    if (item.state == State::Armed && !item.has_body && !item.suspicious)
      without_body.push_back(ticket);
    else
      try_send(ticket);
  }
  if (!without_body.empty()) load_bodies(without_body);
}

void DeliveryQueue::try_send(Ticket ticket) {
  auto at = items_.find(ticket);
  if (at == items_.end()) return;
  auto& item = at->second;
  if (item.state != State::Armed || !lanes_.at_head(ticket, item.keys)) return;
  if (!may_send()) {
    Settlement settlement;
    Ends ends;
    disarm(item, settlement, ends);
    return hand_over(std::move(settlement), std::move(ends));
  }
  if (item.suspicious) return mark_and_send(ticket);
  if (!item.has_body) return load_bodies({ticket});
  send(ticket, item);
}

void DeliveryQueue::send(Ticket ticket, Item& item) {
  item.state = State::Sending;
  item.sent_by = sinks_;
  sink_->deliver({item.work, item.content_type, item.body, item.flags, item.attributes},
                 [this, ticket](Attempt attempt) { on_outcome(ticket, std::move(attempt)); });
}

void DeliveryQueue::load_bodies(const std::vector<Ticket>& tickets) {
  std::vector<WorkRef> works;
  std::vector<bool> edited;
  for (auto ticket : tickets) {
    auto& item = items_.at(ticket);
    item.state = State::Loading;
    works.push_back(item.work);
    edited.push_back((item.flags & edited_flag) != 0);
  }
  ports_.executor.post([this, tickets, works, edited] {
    auto stored = ports_.reader.deliveries(works);
    for (std::size_t i = 0; i < works.size(); ++i)
      if (edited[i] && stored[i]) {
        auto content = edited_content(ports_, works[i]);
        if (content)
          stored[i]->body = std::move(*content);
        else
          stored[i] = content.error();
      }
    std::lock_guard lock(mutex_);
    loaded(tickets, std::move(stored));
    dispatch();
  });
}

void DeliveryQueue::loaded(const std::vector<Ticket>& tickets,
                           std::vector<Result<StoredDelivery>> stored) {
  Settlement settlement;
  Ends ends;
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    auto at = items_.find(tickets[i]);
    if (at == items_.end() || at->second.state != State::Loading) continue;  // disarmed meanwhile
    auto& item = at->second;
    item.state = State::Armed;
    if (stored[i]) {
      item.content_type = stored[i]->content_type;
      item.body = stored[i]->body;
      item.attributes = stored[i]->attributes;
      item.has_body = true;
      body_bytes_ += held_bytes(item.body);
    }
    if (!may_stay_armed(tickets[i], item)) disarm(item, settlement, ends);
  }
  hand_over(std::move(settlement), std::move(ends));
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    auto at = items_.find(tickets[i]);
    if (at == items_.end() || at->second.state != State::Armed) continue;
    if (stored[i])
      try_send(tickets[i]);
    else if (lanes_.at_head(tickets[i], at->second.keys))
      not_loaded(tickets[i], stored[i].error());
  }
}

/// The bytes to send can't be had: the database is away, or they don't open.
void DeliveryQueue::not_loaded(Ticket ticket, const Error& error) {
  Attempt attempt;
  const bool lost = error.kind == ErrorKind::Damaged || error.kind == ErrorKind::NotFound;
  attempt.outcome = lost ? Outcome::Rejected : Outcome::Deferred;
  attempt.reason = error;
  apply(ticket, std::move(attempt), Said::Nothing);
}

void DeliveryQueue::remember_body(Item& item, const DeliveryRecord& record) {
  const auto& body = record.body;
  if (body.is_staged() || body_bytes_ + body.size() > limits::queue_window_bytes) return;
  item.body = body;
  item.attributes = record.attributes;
  item.has_body = true;
  body_bytes_ += body.size();
}

void DeliveryQueue::forget_body(Item& item) {
  if (item.has_body) body_bytes_ -= std::min(body_bytes_, held_bytes(item.body));
  item.body = Body();
  item.attributes.reset();
  item.has_body = false;
}

void DeliveryQueue::read_backlog() {
  if (stopped_ || !backlog_.overflows()) return;
  if (items_.size() - behind_ > limits::queue_window / 2) return;
  auto page = backlog_.next_page(listener_.horizon());
  if (!page) return;
  ports_.executor.post([this, page = *page] {
    auto rows = ports_.reader.open_deliveries(id_, page);
    std::lock_guard lock(mutex_);
    page_read(page, std::move(rows));
  });
}

void DeliveryQueue::page_read(const Page& page, Result<std::vector<OpenDelivery>> rows) {
  if (stopped_) return;
  if (!rows) {
    backlog_.read_failed();
    ports_.log.warn("backlog.read_failed",
                    {{"destination", name_}, {"kind", std::string(to_string(rows.error().kind))}});
    ports_.executor.post_at(ports_.clock.steady() + policy_.retry.first, [this] {
      std::lock_guard lock(mutex_);
      read_backlog();
    });
    return;
  }
  auto loaded = backlog_.loaded(page, std::move(*rows), listener_.horizon());
  std::sort(loaded.committed.begin(), loaded.committed.end(),
            [](const auto& one, const auto& other) { return one.work < other.work; });
  for (auto& row : loaded.committed) {
    take_apart_before(row.work);
    take_in(std::move(row), State::Queued);
  }
  const auto next = backlog_.overflows() ? backlog_.read_to().value + 1 : INT64_MAX;
  take_apart_before({MessageId{next}, {}, {}});
  recovering_ = false;
  for (auto& row : loaded.pending) take_in(std::move(row), State::Committing);
  dispatch();
  report_low_water();
}

}  // namespace causeway::channel
