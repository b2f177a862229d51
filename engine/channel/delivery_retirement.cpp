// Deliveries to a destination that the channel has no more: none is tried, all are put aside where
// a person sees them.
#include "engine/channel/delivery_queue.h"

namespace causeway::channel {
namespace {

Attempt removed() {
  Attempt attempt;
  attempt.outcome = Outcome::Deferred;
  attempt.reason = {ErrorKind::NotFound, "", "the channel has no such destination any more"};
  return attempt;
}

}  // namespace

void DeliveryQueue::retire() {
  if (retired_) return;
  retired_ = true;
  sink_ = nullptr;
  ++sinks_;
  disarm_all();
  dispatch();
}

/// What is on the way to the journal or the sink follows when it comes back.
void DeliveryQueue::park_open() {
  std::vector<Ticket> open;
  for (const auto& [ticket, item] : items_) {
    const bool here =
        item.state == State::Queued || item.state == State::Waiting || item.state == State::Held;
    if (here) open.push_back(ticket);
  }
  for (auto ticket : open) park(ticket);
}

void DeliveryQueue::park(Ticket ticket) {
  auto& item = items_.at(ticket);
  Settlement settlement;
  settlement.attention.push_back(attention_row(item, AttentionState::Parked, removed()));
  listener_.outcome(item.work, removed(), Decision::Next::Park, settlement);
  put_aside(ticket, std::move(settlement));
}

}  // namespace causeway::channel
