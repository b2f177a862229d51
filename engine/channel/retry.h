// What becomes of a delivery after an attempt: one pure function, so that the policy can be read
// and tested in one place. Thread-safe.
#pragma once

#include "engine/channel/policy.h"
#include "engine/core/outcome.h"

namespace causeway::channel {

struct Decision {
  enum class Next : std::uint8_t {
    Finish,  ///< Delivered.
    Retry,   ///< Waits until `due`.
    Hold,
    Park,
  };
  Next next = Next::Finish;
  SystemTime due;                   ///< With Retry.
  bool possible_duplicate = false;  ///< From now on.
};

struct Tries {
  int made = 1;             ///< Including the one that just ended.
  SystemTime first_failed;  ///< Equal to `now` at the first failure.
  SystemTime now;
  std::uint64_t seed = 0;  ///< For the jitter: the message's id.
};

Decision decide(const DestinationPolicy& policy, const Attempt& attempt, const Tries& tries);

/// Delay before try number `made` + 1.
Milliseconds backoff(const RetryPolicy& policy, int made, std::uint64_t seed);

}  // namespace causeway::channel
