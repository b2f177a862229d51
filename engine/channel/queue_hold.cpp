// Lanes of runs and of deliveries that a person holds (holding.h). A hold stands before all work
// of its lane, as if a ticket older than any stood still there.
#include <algorithm>

#include "engine/channel/run_queue.h"

namespace causeway::channel {
namespace {

constexpr Ticket before_all = 0;  // no work has it

}  // namespace

void DeliveryQueue::hold(std::uint64_t lane, bool held) {
  if (lane == HeldLane::whole_queue) {
    held_ = held;
    if (held) disarm_all();
  } else if (held) {
    hold_lane(lane);
  } else {
    let_go_lane(lane);
  }
  dispatch();
}

void DeliveryQueue::hold_lane(std::uint64_t lane) {
  const OrderKeys keys{lane};
  // Where lanes are many, what stands in this one is listed: it must not hold back the mark of all.
  const bool listed = order_ == Order::Keyed;
  if (!holds_.emplace(lane, listed).second) return;
  lanes_.block(before_all, keys);
  if (listed) own_trouble_.block(before_all, keys);
  Settlement settlement;
  Ends ends;
  const auto behind = lanes_.behind(before_all, keys);
  for (auto ticket : behind) {
    candidates_.erase(ticket);
    if (listed) list_sending(items_.at(ticket), settlement, ends);
  }
  settle_behind(behind, listed, settlement, ends);
  hand_over(std::move(settlement), std::move(ends));
}

/// What is being sent is listed before what stands behind it: a start reads what is listed first.
void DeliveryQueue::list_sending(Item& item, Settlement& settlement, Ends& ends) {
  if (item.in_attention || item.state != State::Sending) return;
  settlement.attention.push_back(attention_row(item, AttentionState::Trying, {}));
  ends.open.push_back(item.work);
  item.in_attention = true;
  ++behind_;
}

void DeliveryQueue::let_go_lane(std::uint64_t lane) {
  const auto hold = holds_.find(lane);
  if (hold == holds_.end()) return;
  const OrderKeys keys{lane};
  lanes_.unblock(before_all, keys);
  if (hold->second) own_trouble_.unblock(before_all, keys);
  holds_.erase(hold);
  add_candidates(before_all, keys);
}

void RunQueue::hold(std::uint64_t lane, bool held) {
  const OrderKeys keys{lane};
  if (lane == HeldLane::whole_queue) {
    held_ = held;
  } else if (held && holds_.insert(lane).second) {
    lanes_.block(before_all, keys);
    const auto behind = lanes_.behind(before_all, keys);
    for (auto ticket : behind) candidates_.erase(ticket);
    // Also what is being run: a start reads what is listed first.
    if (order_ == Order::Keyed) list_behind(behind);
  } else if (!held && holds_.erase(lane) > 0) {
    lanes_.unblock(before_all, keys);
    for (auto ticket : lanes_.behind(before_all, keys)) make_candidate(ticket);
  }
  dispatch();
}

/// A person's hold, or one of an earlier lane-mate, may stand before it.
void RunQueue::make_candidate(Ticket ticket) {
  const auto at = items_.find(ticket);
  if (at == items_.end() || at->second.state != State::Queued) return;
  const auto& keys = at->second.keys;
  if (lanes_.at_head(ticket, keys) && !lanes_.blocked(ticket, keys)) candidates_.insert(ticket);
}

}  // namespace causeway::channel
