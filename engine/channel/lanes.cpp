#include "engine/channel/lanes.h"

#include <algorithm>

namespace causeway::channel {

void Lanes::add(Ticket ticket, const OrderKeys& keys) {
  for (auto key : keys) {
    auto& lane = lanes_[key];
    if (lane.empty() || lane.back() != ticket) lane.push_back(ticket);  // a key named twice
  }
}

bool Lanes::at_head(Ticket ticket, const OrderKeys& keys) const {
  return std::all_of(keys.begin(), keys.end(), [&](auto key) {
    auto lane = lanes_.find(key);
    return lane == lanes_.end() || lane->second.front() == ticket;
  });
}

std::vector<Ticket> Lanes::remove(Ticket ticket, const OrderKeys& keys) {
  std::vector<Ticket> heads;
  for (auto key : keys) {
    auto lane = lanes_.find(key);
    if (lane == lanes_.end()) continue;
    auto& queue = lane->second;
    auto at = std::find(queue.begin(), queue.end(), ticket);
    if (at == queue.end()) continue;
    auto was_head = at == queue.begin();
    queue.erase(at);
    if (queue.empty())
      lanes_.erase(lane);
    else if (was_head)
      heads.push_back(queue.front());
  }
  return heads;
}

std::vector<Ticket> Lanes::behind(Ticket ticket, const OrderKeys& keys) const {
  std::vector<Ticket> tickets;
  for (auto key : keys) {
    auto lane = lanes_.find(key);
    if (lane == lanes_.end()) continue;
    std::copy_if(lane->second.begin(), lane->second.end(), std::back_inserter(tickets),
                 [&](Ticket other) { return other > ticket; });
  }
  std::sort(tickets.begin(), tickets.end());
  tickets.erase(std::unique(tickets.begin(), tickets.end()), tickets.end());
  return tickets;
}

void Lanes::block(Ticket ticket, const OrderKeys& keys) {
  for (auto key : keys) blocks_[key].insert(ticket);
}

void Lanes::unblock(Ticket ticket, const OrderKeys& keys) {
  for (auto key : keys) {
    auto blockers = blocks_.find(key);
    if (blockers == blocks_.end()) continue;
    blockers->second.erase(ticket);
    if (blockers->second.empty()) blocks_.erase(blockers);
  }
}

bool Lanes::blocked(Ticket ticket, const OrderKeys& keys) const {
  return std::any_of(keys.begin(), keys.end(), [&](auto key) {
    auto blockers = blocks_.find(key);
    return blockers != blocks_.end() && *blockers->second.begin() < ticket;
  });
}

}  // namespace causeway::channel
