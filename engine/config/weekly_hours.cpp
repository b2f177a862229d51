#include "engine/config/weekly_hours.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string_view>

namespace causeway::config {
namespace {

constexpr int minutes_per_day = 24 * 60;
constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};
using Days = std::bitset<7>;

std::optional<std::size_t> day_named(std::string_view name) {
  for (std::size_t day = 0; day < day_names.size(); ++day)
    if (day_names[day] == name) return day;
  return std::nullopt;
}

/// "mon-fri", "sat,sun", "daily"; a range may go over the end of the week.
std::optional<Days> days_of(std::string_view text) {
  if (text == "daily") return Days().set();
  Days days;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto dash = item.find('-');
    const auto first = day_named(item.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : day_named(item.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    for (auto day = *first;; day = (day + 1) % days.size()) {
      days.set(day);
      if (day == *last) break;
    }
  }
  return days.any() ? std::optional(days) : std::nullopt;
}

struct Span {
  int from = 0, to = 0;
};

std::optional<Span> span_of(const std::string& text) {
  int hours = 0, minutes = 0, to_hours = 0, to_minutes = 0, read = 0;
  if (std::sscanf(text.c_str(), "%2d:%2d-%2d:%2d%n", &hours, &minutes, &to_hours, &to_minutes,
                  &read) != 4 ||
      static_cast<std::size_t>(read) != text.size())
    return std::nullopt;
  const Span span{hours * 60 + minutes, to_hours * 60 + to_minutes};
  const auto fits = [](int minute, int least) {
    return minute >= least && minute <= minutes_per_day;
  };
  if (minutes < 0 || minutes > 59 || to_minutes < 0 || to_minutes > 59) return std::nullopt;
  if (!fits(span.from, 0) || !fits(span.to, 0) || span.from == span.to) return std::nullopt;
  return span;
}

}  // namespace

Result<WeeklyHours> WeeklyHours::parse(const std::vector<std::string>& lines) {
  WeeklyHours hours;
  if (lines.empty()) return hours;
  hours.minutes_.reset();
  for (const auto& line : lines) {
    const auto blank = line.find(' ');
    const auto days = days_of(std::string_view(line).substr(0, blank));
    const auto span = blank == std::string::npos ? std::nullopt : span_of(line.substr(blank + 1));
    if (!days || !span)
      return Error{ErrorKind::Invalid, line, "are no hours; write them as \"mon-fri 07:00-19:00\""};
    const int length = (span->to - span->from + minutes_per_day) % minutes_per_day;
    for (std::size_t day = 0; day < days->size(); ++day) {
      if (!days->test(day)) continue;
      const int begin = static_cast<int>(day) * minutes_per_day + span->from;
      for (int i = 0; i < (length == 0 ? minutes_per_day : length); ++i)
        hours.minutes_.set(static_cast<std::size_t>((begin + i) % minutes_per_week));
    }
  }
  return hours;
}

int WeeklyHours::lasting(int minute) const {
  int minutes = 0;
  while (minutes < minutes_per_week &&
         contains((minute - minutes + minutes_per_week) % minutes_per_week))
    ++minutes;
  return minutes;
}

int WeeklyHours::minute_of_week(SystemTime at) {
  const auto seconds = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(at));
  std::tm local{};
  localtime_r(&seconds, &local);
  return ((local.tm_wday + 6) % 7) * minutes_per_day + local.tm_hour * 60 + local.tm_min;
}

}  // namespace causeway::config
