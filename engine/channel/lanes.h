// Order within a queue: work that shares a key goes one after the other, in the order of tickets.
//
// A piece of work with several keys (a merge of two patients) is at the head only when it is first
// in all of its lanes. Without keys it is always at the head. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/core/message.h"

namespace causeway::channel {

/// Place of a piece of work in its queue's memory; later ones are higher.
using Ticket = std::uint64_t;
inline constexpr Ticket next_arrival = UINT64_MAX;  ///< Stands for what is still to come.

class Lanes {
 public:
  /// Tickets are added in ascending order.
  void add(Ticket ticket, const OrderKeys& keys);
  bool at_head(Ticket ticket, const OrderKeys& keys) const;
  /// Takes it out; returns the tickets that are now first in one of its lanes.
  std::vector<Ticket> remove(Ticket ticket, const OrderKeys& keys);
  /// All that stand behind it in any of its lanes.
  std::vector<Ticket> behind(Ticket ticket, const OrderKeys& keys) const;

  /// What stands still blocks all behind it in its lanes. (After a crash it may not be the head.)
  void block(Ticket ticket, const OrderKeys& keys);
  void unblock(Ticket ticket, const OrderKeys& keys);
  bool blocked(Ticket ticket, const OrderKeys& keys) const;

  std::size_t size() const { return lanes_.size(); }

 private:
  std::unordered_map<std::uint64_t, std::deque<Ticket>> lanes_;
  std::unordered_map<std::uint64_t, std::set<Ticket>> blocks_;
};

}  // namespace causeway::channel
