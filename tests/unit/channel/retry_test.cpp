#include <catch2/catch.hpp>
#include <set>

#include "engine/channel/retry.h"

namespace causeway::channel {
namespace {

using Next = Decision::Next;

const SystemTime noon{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) +
                      std::chrono::hours(12)};

Attempt ended(Outcome outcome) {
  Attempt attempt;
  attempt.outcome = outcome;
  return attempt;
}

Decision after(const DestinationPolicy& policy, Outcome outcome, int made = 1) {
  return decide(policy, ended(outcome), {made, noon, noon, 7});
}

TEST_CASE("each outcome leads where the policy says") {
  DestinationPolicy policy;
  CHECK(after(policy, Outcome::Delivered).next == Next::Finish);
  CHECK(after(policy, Outcome::Deferred).next == Next::Retry);
  CHECK(after(policy, Outcome::Rejected).next == Next::Park);
  CHECK(after(policy, Outcome::Ambiguous).next == Next::Hold);
  policy.on_rejected = Trouble::HoldLane;
  policy.on_ambiguous = OnAmbiguous::ParkAndContinue;
  CHECK(after(policy, Outcome::Rejected).next == Next::Hold);
  CHECK(after(policy, Outcome::Ambiguous).next == Next::Park);
  policy.on_ambiguous = OnAmbiguous::Retry;
  CHECK(after(policy, Outcome::Ambiguous).next == Next::Retry);
  CHECK(after(policy, Outcome::Ambiguous).possible_duplicate);
  CHECK_FALSE(after(policy, Outcome::Deferred).possible_duplicate);
}

TEST_CASE("tries end by number or by age") {
  DestinationPolicy policy;
  policy.give_up.attempts = 3;
  CHECK(after(policy, Outcome::Deferred, 2).next == Next::Retry);
  CHECK(after(policy, Outcome::Deferred, 3).next == Next::Park);
  policy.give_up.then = Trouble::HoldLane;
  CHECK(after(policy, Outcome::Deferred, 3).next == Next::Hold);
  policy.give_up = {0, Milliseconds(1000), Trouble::ParkAndContinue};
  Tries young{5, noon, noon + Milliseconds(999), 7}, old{5, noon, noon + Milliseconds(1000), 7};
  CHECK(decide(policy, ended(Outcome::Deferred), young).next == Next::Retry);
  CHECK(decide(policy, ended(Outcome::Deferred), old).next == Next::Park);
}

TEST_CASE("waits double up to their maximum, and differ from message to message") {
  RetryPolicy policy{Milliseconds(1000), Milliseconds(60'000), 20};
  for (int made = 1; made < 40; ++made) {
    auto full = std::min<std::int64_t>(1000LL << std::min(made - 1, 20), 60'000);
    auto delay = backoff(policy, made, 99).count();
    CHECK(delay <= full);
    CHECK(delay >= full * 80 / 100);
  }
  std::set<std::int64_t> different;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    different.insert(backoff(policy, 5, seed).count());
  CHECK(different.size() > 10);
}

TEST_CASE("what the destination asks for is heeded") {
  auto attempt = ended(Outcome::Deferred);
  attempt.retry_after = Milliseconds(7000);
  CHECK(decide({}, attempt, {1, noon, noon, 7}).due == noon + Milliseconds(7000));
}

}  // namespace
}  // namespace causeway::channel
