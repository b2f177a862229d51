#include "engine/core/id_sequence.h"

#include <algorithm>

namespace causeway {
namespace {

std::int64_t unix_ms(SystemTime time) {
  return std::chrono::floor<Milliseconds>(time).time_since_epoch().count();
}

}  // namespace

IdSequence::IdSequence(const Clock& clock, NodeId node, MessageId last)
    : clock_(clock),
      node_(node),
      last_(last),
      anchor_unix_ms_(unix_ms(clock.now())),
      anchor_steady_(clock.steady()) {}

std::int64_t IdSequence::trusted_unix_ms() {
  auto wall = unix_ms(clock_.now());
  auto steady = clock_.steady();
  auto expected =
      anchor_unix_ms_ + std::chrono::duration_cast<Milliseconds>(steady - anchor_steady_).count();
  clock_refused_ = wall - expected > Milliseconds(clock_leap_max).count();
  if (clock_refused_) return expected;
  anchor_unix_ms_ = wall;
  anchor_steady_ = steady;
  return wall;
}

MessageId IdSequence::next() {
  auto fresh = make_message_id(trusted_unix_ms(), node_, 0);
  if (fresh <= last_) {
    auto ms = unix_ms_of(last_);
    auto sequence = static_cast<std::uint16_t>(last_.value);
    if (node_of(last_) == node_ && sequence < UINT16_MAX)
      fresh = make_message_id(ms, node_, static_cast<std::uint16_t>(sequence + 1));
    else
      fresh = make_message_id(ms + 1, node_, 0);
  }
  last_ = fresh;
  return fresh;
}

}  // namespace causeway
