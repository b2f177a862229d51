#include "engine/pipeline/enrich/circuit_breaker.h"

#include <catch2/catch.hpp>

namespace causeway::pipeline {
namespace {

void fail(CircuitBreaker& breaker, int times, SteadyTime now) {
  for (int i = 0; i < times; ++i) {
    REQUIRE(breaker.may_ask(now));
    breaker.failed(now);
  }
}

}  // namespace

TEST_CASE("Circuit breaker: who fails several times in a row is left alone for a while") {
  CircuitBreaker breaker;
  const SteadyTime now{std::chrono::hours(1)};
  fail(breaker, CircuitBreaker::failures_until_open - 1, now);
  breaker.answered();
  fail(breaker, CircuitBreaker::failures_until_open, now);
  CHECK(breaker.is_open());
  CHECK_FALSE(breaker.may_ask(now));
  CHECK_FALSE(breaker.may_ask(now + CircuitBreaker::open_for - std::chrono::milliseconds(1)));

  SECTION("then one asks, and the others wait for it") {
    const auto later = now + CircuitBreaker::open_for;
    CHECK(breaker.may_ask(later));
    CHECK_FALSE(breaker.may_ask(later));
    SECTION("an answer lets all through") {
      breaker.answered();
      CHECK_FALSE(breaker.is_open());
      CHECK(breaker.may_ask(later));
    }
    SECTION("a failure is one more while") {
      breaker.failed(later);
      CHECK_FALSE(breaker.may_ask(later + CircuitBreaker::open_for - std::chrono::milliseconds(1)));
      CHECK(breaker.may_ask(later + CircuitBreaker::open_for));
    }
  }
}

}  // namespace causeway::pipeline
