#include "engine/config/sending_times.h"

#include <catch2/catch.hpp>
#include <ctime>

namespace causeway::config {
namespace {

SystemTime local(int day, int hour, int minute, int second = 0) {
  std::tm parts{};
  parts.tm_year = 126;
  parts.tm_mon = 11;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  parts.tm_sec = second;
  parts.tm_isdst = -1;
  return SystemTime(std::chrono::seconds(::mktime(&parts)));
}

TEST_CASE("without limits a destination is always sent to") {
  const auto times = SendingTimes::parse({}, {});
  REQUIRE(times);
  CHECK_FALSE(times->is_limited());
  CHECK(times->allow(local(1, 3, 0)));
}

TEST_CASE("within the hours, and not while it is maintained") {
  // 2026-12-01 is a Tuesday.
  const auto times = SendingTimes::parse(
      {"mon-fri 07:00-19:00"},
      {"2026-12-01 12:00 to 2026-12-01 12:30:15", "2026-12-03 00:00 to 2026-12-04 00:00"});
  REQUIRE(times);
  CHECK(times->is_limited());
  CHECK(times->allow(local(1, 11, 59, 59)));
  CHECK_FALSE(times->allow(local(1, 12, 0)));
  CHECK_FALSE(times->allow(local(1, 12, 30, 14)));
  CHECK(times->allow(local(1, 12, 30, 15)));
  CHECK_FALSE(times->allow(local(1, 19, 0)));
  CHECK_FALSE(times->allow(local(3, 12, 0)));
  CHECK(times->allow(local(4, 12, 0)));
}

TEST_CASE("what is no maintenance is named") {
  for (const auto* text :
       {"", "2026-12-01 22:00", "2026-12-01 22:00 to", "22:00 to 23:00",
        "2026-12-01 22:00 to 2026-12-01 21:00", "2026-13-01 22:00 to 2026-13-02 21:00",
        "2026-12-01 22:00 to 2026-12-01 23:00 or so"}) {
    const auto times = SendingTimes::parse({}, {text});
    INFO(text);
    REQUIRE_FALSE(times);
    CHECK(times.error().place == text);
  }
}

}  // namespace
}  // namespace causeway::config
