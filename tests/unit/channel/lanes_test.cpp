#include <catch2/catch.hpp>

#include "engine/channel/lanes.h"

namespace causeway::channel {
namespace {

TEST_CASE("work of one lane goes one after the other; other lanes are free") {
  Lanes lanes;
  lanes.add(1, {10});
  lanes.add(2, {10});
  lanes.add(3, {20});
  lanes.add(4, {});
  CHECK(lanes.at_head(1, {10}));
  CHECK_FALSE(lanes.at_head(2, {10}));
  CHECK(lanes.at_head(3, {20}));
  CHECK(lanes.at_head(4, {}));
  CHECK(lanes.remove(1, {10}) == std::vector<Ticket>{2});
  CHECK(lanes.at_head(2, {10}));
  lanes.remove(2, {10});
  lanes.remove(3, {20});
  CHECK(lanes.size() == 0);
}

TEST_CASE("a merge waits for all of its lanes, and both wait for it") {
  Lanes lanes;
  lanes.add(1, {10});
  lanes.add(2, {20});
  lanes.add(3, {10, 20});
  lanes.add(4, {20});
  CHECK(lanes.remove(1, {10}) == std::vector<Ticket>{3});
  CHECK_FALSE(lanes.at_head(3, {10, 20}));
  CHECK(lanes.remove(2, {20}) == std::vector<Ticket>{3});
  CHECK(lanes.at_head(3, {10, 20}));
  CHECK_FALSE(lanes.at_head(4, {20}));
  CHECK(lanes.remove(3, {10, 20}) == std::vector<Ticket>{4});
}

TEST_CASE("what stands still blocks what is behind it, not what is before") {
  Lanes lanes;
  for (Ticket ticket : {1, 2, 3}) lanes.add(ticket, {10});
  lanes.block(2, {10});
  CHECK_FALSE(lanes.blocked(1, {10}));
  CHECK_FALSE(lanes.blocked(2, {10}));
  CHECK(lanes.blocked(3, {10}));
  CHECK(lanes.blocked(next_arrival, {10}));
  CHECK_FALSE(lanes.blocked(next_arrival, {20}));
  CHECK(lanes.behind(2, {10}) == std::vector<Ticket>{3});
  lanes.unblock(2, {10});
  CHECK_FALSE(lanes.blocked(next_arrival, {10}));
}

}  // namespace
}  // namespace causeway::channel
