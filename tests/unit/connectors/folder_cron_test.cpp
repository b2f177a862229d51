#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>

#include "connectors/support/cron.h"

namespace causeway::connectors::folder {
namespace {

/// The machine's time zone, for the length of a scope.
class TimeZone {
 public:
  explicit TimeZone(const char* name) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  ~TimeZone() {
    if (before_)
      ::setenv("TZ", before_->c_str(), 1);
    else
      ::unsetenv("TZ");
    ::tzset();
  }

 private:
  std::optional<std::string> before_;
};

SystemTime utc(int year, unsigned month, unsigned day, int hour, int minute, int second = 0) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                               static_cast<int>(day)) +
         std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

SystemTime next(std::string_view text, SystemTime after) {
  const auto cron = parse_cron(text);
  INFO(text);
  REQUIRE(cron.ok());
  const auto time = next_time(*cron, after);
  REQUIRE(time);
  return *time;
}

TEST_CASE("Cron: lists, ranges, steps and names") {
  const TimeZone zone("UTC");
  const auto now = utc(2026, 11, 24, 22, 30, 5);  // a Tuesday
  CHECK(next("* * * * *", now) == utc(2026, 11, 24, 22, 31));
  CHECK(next("*/15 * * * *", now) == utc(2026, 11, 24, 22, 45));
  CHECK(next("30 22 * * *", now) == utc(2026, 11, 25, 22, 30));
  CHECK(next("0 8-18/2,23 * * *", now) == utc(2026, 11, 24, 23, 0));
  CHECK(next("0 6 * * mon-fri", utc(2026, 11, 27, 7, 0)) == utc(2026, 11, 30, 6, 0));
  CHECK(next("0 0 1 jan *", now) == utc(2027, 1, 1, 0, 0));
  CHECK(next("0 0 29 2 *", now) == utc(2028, 2, 29, 0, 0));
  CHECK(next("5  4 * * 7", now) == next("5 4 * * SUN", now));
}

TEST_CASE("Cron: where both days are restricted, either is enough") {
  const TimeZone zone("UTC");
  const auto now = utc(2026, 11, 24, 22, 30);
  CHECK(next("0 0 13 * fri", now) == utc(2026, 11, 27, 0, 0));
  CHECK(next("0 0 13 * *", now) == utc(2026, 12, 13, 0, 0));
}

TEST_CASE("Cron: a day that never comes") {
  const TimeZone zone("UTC");
  CHECK_FALSE(next_time(*parse_cron("0 0 30 feb *"), utc(2026, 1, 1, 0, 0)));
}

TEST_CASE("Cron: local time, and a night when an hour is left out or comes twice") {
  const TimeZone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(next("0 8 * * *", utc(2026, 7, 1, 0, 0)) == utc(2026, 7, 1, 6, 0));
  CHECK(next("30 2 * * *", utc(2026, 3, 28, 12, 0)) <= utc(2026, 3, 29, 1, 30));
  const auto first = next("30 2 25 10 *", utc(2026, 10, 24, 12, 0));
  CHECK(first >= utc(2026, 10, 25, 0, 30));
  CHECK(next("30 2 25 10 *", first) > utc(2027, 1, 1, 0, 0));
}

TEST_CASE("Cron: what it refuses") {
  for (auto text :
       {"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8", "*/0 * * * *", "5-1 * * * *", "a * * * *", "1,,2 * * * *", "-1 * * * *",
        "1- * * * *", "*/ * * * *", "99999999999 * * * *"}) {
    INFO(text);
    const auto cron = parse_cron(text);
    REQUIRE_FALSE(cron.ok());
    CHECK(cron.error().kind == ErrorKind::Invalid);
  }
  CHECK(parse_cron(std::string(5000, '*')).error().kind == ErrorKind::Invalid);
}

}  // namespace
}  // namespace causeway::connectors::folder
