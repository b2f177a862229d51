// How long to wait before a process that ended is started again: 100 ms, doubling to 30 s; from the
// start again once it has run for a minute. A value; no thread rule.
#pragma once

#include "engine/core/ids.h"

namespace causeway {

class Backoff {
 public:
  static constexpr auto shortest = Milliseconds(100);
  static constexpr auto longest = Milliseconds(30'000);
  static constexpr auto good_run = std::chrono::minutes(1);

  /// Told that it ended after running for `ran` (0: it didn't start). Returns the wait.
  Milliseconds after(Milliseconds ran) {
    if (ran >= good_run) next_ = shortest;
    const Milliseconds wait = next_;
    next_ = next_ * 2 < longest ? next_ * 2 : longest;
    return wait;
  }

 private:
  Milliseconds next_ = shortest;
};

}  // namespace causeway
