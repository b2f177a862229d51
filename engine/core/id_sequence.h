// Hands out increasing MessageIds, whatever the wall clock does.
//
// The clock going back repeats no id (the last millisecond is held on to, then counted past). The
// clock leaping ahead by more than `clock_leap_max` is not followed: time then goes on by the
// steady clock, so that ids never leave the partitions that exist. Not thread-safe.
#pragma once

#include "engine/core/clock.h"
#include "engine/core/ids.h"

namespace causeway {

class IdSequence {
 public:
  static constexpr auto clock_leap_max = std::chrono::hours(24);

  /// `last` is the highest id in the store (0: none); every id handed out is above it.
  IdSequence(const Clock& clock, NodeId node, MessageId last);

  MessageId next();
  MessageId last() const { return last_; }
  /// True while the wall clock is so far ahead that it is not followed; an operator should know.
  bool clock_refused() const { return clock_refused_; }

 private:
  std::int64_t trusted_unix_ms();

  const Clock& clock_;
  NodeId node_;
  MessageId last_;
  std::int64_t anchor_unix_ms_;  // the wall time that `anchor_steady_` stands for
  SteadyTime anchor_steady_;
  bool clock_refused_ = false;
};

}  // namespace causeway
