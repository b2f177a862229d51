#include "engine/config/weekly_hours.h"

#include <catch2/catch.hpp>

namespace causeway::config {
namespace {

constexpr int monday = 0, tuesday = 24 * 60, saturday = 5 * 24 * 60, sunday = 6 * 24 * 60;

int at(int day, int hours, int minutes = 0) {
  return day + hours * 60 + minutes;
}

TEST_CASE("hours of the week") {
  const auto hours = WeeklyHours::parse({"mon-fri 07:00-19:00", "sat 08:00-12:00"});
  REQUIRE(hours);
  CHECK(hours->contains(at(monday, 7)));
  CHECK_FALSE(hours->contains(at(monday, 6, 59)));
  CHECK_FALSE(hours->contains(at(monday, 19)));
  CHECK(hours->contains(at(saturday, 11, 59)));
  CHECK_FALSE(hours->contains(at(sunday, 11)));
  CHECK(hours->lasting(at(tuesday, 9, 30)) == 151);
  CHECK(hours->lasting(at(sunday, 3)) == 0);
}

TEST_CASE("hours over midnight and over the end of the week") {
  const auto hours = WeeklyHours::parse({"sun 22:00-06:00", "fri-mon 12:00-13:00"});
  REQUIRE(hours);
  CHECK(hours->contains(at(sunday, 23)));
  CHECK(hours->contains(at(monday, 5, 59)));
  CHECK_FALSE(hours->contains(at(monday, 6)));
  CHECK(hours->contains(at(monday, 12)));
  CHECK_FALSE(hours->contains(at(tuesday, 12)));
  CHECK(hours->lasting(at(monday, 1)) == 181);
}

TEST_CASE("a whole day, and a whole week") {
  CHECK(WeeklyHours::parse({"daily 00:00-24:00"})->lasting(0) == WeeklyHours::minutes_per_week);
  CHECK(WeeklyHours::parse({})->lasting(77) == WeeklyHours::minutes_per_week);
}

TEST_CASE("what are no hours is named") {
  for (const auto* text :
       {"", "mon", "mon 7-19", "mon 07:00-25:00", "mon 07:61-08:00", "mun 07:00-08:00",
        "mon 08:00-08:00", "mon- 07:00-08:00", "mon 07:00-08:00 ", ", 07:00-08:00"}) {
    const auto hours = WeeklyHours::parse({"tue 01:00-02:00", text});
    INFO(text);
    REQUIRE_FALSE(hours);
    CHECK(hours.error().place == text);
  }
}

}  // namespace
}  // namespace causeway::config
