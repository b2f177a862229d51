#include "engine/api/time_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace causeway::api {
namespace {

/// The milliseconds of ".123", taken off the text; none: 0.
int take_milliseconds(std::string_view& text) {
  if (text.size() < 4 || text[0] != '.') return 0;
  int value = 0;
  for (std::size_t i = 1; i < 4; ++i) {
    if (text[i] < '0' || text[i] > '9') return 0;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(4);
  return value;
}

}  // namespace

std::string time_text(SystemTime at) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03d}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (at - seconds).count() / 1000);
}

std::string iso_time(SystemTime at) {
  auto text = time_text(at);
  text[text.find(' ')] = 'T';
  return text + 'Z';
}

Result<SystemTime> parse_time(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  const std::string copy(text.substr(0, 64));
  const int read = std::sscanf(copy.c_str(), "%4d-%2d-%2d%n%*1[T ]%2d:%2d%n:%2d%n", &year, &month,
                               &day, &used, &hour, &minute, &used, &second, &used);
  auto rest = text.substr(std::min(static_cast<std::size_t>(used), text.size()));
  const int milliseconds = take_milliseconds(rest);
  std::chrono::year_month_day date{std::chrono::year(year),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  const bool good = read >= 3 && read != 4 && (rest.empty() || rest == "Z") && date.ok() &&
                    year >= 1970 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 &&
                    second >= 0 && second < 61;
  if (!good)
    return Error{ErrorKind::Invalid, copy, "not a time: 2026-11-24, or 2026-11-24T17:20:03 (UTC)"};
  return SystemTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second) + Milliseconds(milliseconds);
}

}  // namespace causeway::api
