#include "engine/channel/retry.h"

#include <algorithm>

namespace causeway::channel {
namespace {

Decision stop(Trouble trouble) {
  return {trouble == Trouble::HoldLane ? Decision::Next::Hold : Decision::Next::Park, {}, false};
}

bool gives_up(const GiveUpPolicy& policy, const Tries& tries) {
  if (policy.attempts > 0 && tries.made >= policy.attempts) return true;
  return policy.age > Milliseconds(0) && tries.now - tries.first_failed >= policy.age;
}

Decision try_again(const DestinationPolicy& policy, const Attempt& attempt, const Tries& tries) {
  if (gives_up(policy.give_up, tries)) return stop(policy.give_up.then);
  auto delay = attempt.retry_after.value_or(backoff(policy.retry, tries.made, tries.seed));
  return {Decision::Next::Retry, tries.now + delay, false};
}

}  // namespace

Milliseconds backoff(const RetryPolicy& policy, int made, std::uint64_t seed) {
  auto doublings = std::clamp(made - 1, 0, 20);
  auto full = std::min(policy.first * (std::int64_t{1} << doublings), policy.max);
  // A multiplicative hash of (message, try): spread evenly, and the same when the simulator repeats
  // it.
  auto spread = ((seed + static_cast<std::uint64_t>(made)) * 0x9E3779B97F4A7C15u) >> 40;
  auto part = static_cast<std::int64_t>(spread % 1000);
  return full - full * policy.jitter_percent * part / 100'000;
}

Decision decide(const DestinationPolicy& policy, const Attempt& attempt, const Tries& tries) {
  switch (attempt.outcome) {
    case Outcome::Delivered:
      return {};
    case Outcome::Rejected:
      return stop(policy.on_rejected);
    case Outcome::Deferred:
      return try_again(policy, attempt, tries);
    case Outcome::Ambiguous:
      break;
  }
  switch (policy.on_ambiguous) {
    case OnAmbiguous::HoldLane:
      return stop(Trouble::HoldLane);
    case OnAmbiguous::ParkAndContinue:
      return stop(Trouble::ParkAndContinue);
    case OnAmbiguous::Retry:
      break;
  }
  auto decision = try_again(policy, attempt, tries);
  decision.possible_duplicate = true;
  return decision;
}

}  // namespace causeway::channel
