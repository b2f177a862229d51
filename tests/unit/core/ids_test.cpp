#include <catch2/catch.hpp>

#include "engine/core/id_sequence.h"

namespace causeway {
namespace {

struct HandClock final : Clock {
  SystemTime wall{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};
  SteadyTime ticks{std::chrono::hours(1)};
  SystemTime now() const override { return wall; }
  SteadyTime steady() const override { return ticks; }
  void advance(std::chrono::milliseconds d) {
    wall += d;
    ticks += d;
  }
};

TEST_CASE("an id tells its time, node and day, and survives being written down") {
  auto id = make_message_id(1795478400123, NodeId{5}, 77);
  CHECK(unix_ms_of(id) == 1795478400123);
  CHECK(node_of(id) == NodeId{5});
  CHECK(first_id_of(day_of(id)) < id);
  CHECK(id < first_id_of(day_of(id) + std::chrono::days(1)));
  CHECK(*parse_message_id(to_string(id)) == id);
  CHECK_FALSE(parse_message_id("").ok());
  CHECK_FALSE(parse_message_id("0000000000000").ok());
  CHECK_FALSE(parse_message_id("ZZZZZZZZZZZZZ").ok());
  CHECK_FALSE(parse_message_id("0000000U00000").ok());
}

TEST_CASE("ids increase within a millisecond, past its end, and after a restart") {
  HandClock clock;
  IdSequence ids(clock, NodeId{3}, MessageId{});
  auto previous = ids.next();
  for (int i = 0; i < 70000; ++i) {
    auto id = ids.next();
    REQUIRE(id > previous);
    REQUIRE(node_of(id) == NodeId{3});
    previous = id;
  }
  IdSequence restarted(clock, NodeId{3}, previous);
  CHECK(restarted.next() > previous);
}

TEST_CASE("a clock that goes back reorders nothing; one that leaps ahead is not followed") {
  HandClock clock;
  IdSequence ids(clock, NodeId{0}, MessageId{});
  auto before = ids.next();
  clock.wall -= std::chrono::hours(5);
  CHECK(ids.next() > before);
  clock.wall += std::chrono::hours(24 * 400);
  auto after = ids.next();
  CHECK(ids.clock_refused());
  CHECK(day_of(after) <= day_of(before) + std::chrono::days(1));
  clock.wall -= std::chrono::hours(24 * 400 - 5);
  clock.advance(std::chrono::seconds(10));
  CHECK(ids.next() > after);
  CHECK_FALSE(ids.clock_refused());
}

}  // namespace
}  // namespace causeway
