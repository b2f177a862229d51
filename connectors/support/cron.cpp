#include "connectors/support/cron.h"

#include <array>
#include <charconv>
#include <ctime>
#include <vector>

namespace causeway::connectors {
namespace {

constexpr std::size_t text_bytes_max = 1000;
constexpr int days_looked_at = 8 * 366 + 1;

struct FieldRule {
  const char* name;
  int low, high;
  std::vector<std::string_view> words;  // the first stands for `low`
};

const std::array<FieldRule, 5>& rules() {
  static const std::array<FieldRule, 5> all{{
      {"minute", 0, 59, {}},
      {"hour", 0, 23, {}},
      {"day of the month", 1, 31, {}},
      {"month",
       1,
       12,
       {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
      {"day of the week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
  }};
  return all;
}

std::optional<int> number_in(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<int> value_in(std::string_view text, const FieldRule& rule) {
  std::string lower(text);
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (std::size_t i = 0; i < rule.words.size(); ++i)
    if (lower == rule.words[i]) return rule.low + static_cast<int>(i);
  const auto value = number_in(text);
  return value && *value >= rule.low && *value <= rule.high ? value : std::nullopt;
}

/// Takes what stands before `separator` off the front of `text`.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

/// One member of a list: "*", "5", "8-18", each with "/step".
bool add_part(std::string_view part, const FieldRule& rule, std::bitset<64>& set) {
  const bool stepped = part.find('/') != std::string_view::npos;
  const auto range = take(part, '/');
  const auto step = stepped ? number_in(part) : std::optional(1);
  if (!step || *step < 1) return false;
  int low = rule.low, high = rule.high;
  if (range != "*") {
    const auto dash = range.find('-');
    const auto first = value_in(range.substr(0, dash), rule);
    if (!first) return false;
    low = *first;
    if (!stepped) high = low;
    if (dash != std::string_view::npos) {
      const auto last = value_in(range.substr(dash + 1), rule);
      if (!last || *last < low) return false;
      high = *last;
    }
  }
  for (int value = low; value <= high; value += *step) set.set(static_cast<std::size_t>(value));
  return true;
}

Error bad_field(const FieldRule& rule, std::string_view text) {
  return {ErrorKind::Invalid, std::string(text),
          std::string("no ") + rule.name + " of a cron expression: a list of numbers from " +
              std::to_string(rule.low) + " to " + std::to_string(rule.high) +
              ", ranges (1-5) and steps (*/2), or *"};
}

template <std::size_t N>
std::bitset<N> narrowed(const std::bitset<64>& set) {
  std::bitset<N> result;
  for (std::size_t i = 0; i < N; ++i) result[i] = set[i];
  return result;
}

bool day_fits(const Cron& cron, const std::tm& day) {
  if (!cron.months[static_cast<std::size_t>(day.tm_mon + 1)]) return false;
  const bool by_date = cron.days[static_cast<std::size_t>(day.tm_mday)];
  const bool by_week = cron.weekdays[static_cast<std::size_t>(day.tm_wday)];
  if (cron.any_day) return by_week;
  if (cron.any_weekday) return by_date;
  return by_date || by_week;
}

SystemTime system_time(std::time_t seconds) {
  return std::chrono::time_point_cast<std::chrono::microseconds>(
      std::chrono::system_clock::from_time_t(seconds));
}

/// The first fitting time of a day, after `after`.
std::optional<SystemTime> time_of_day(const Cron& cron, const std::tm& day, SystemTime after) {
  for (int hour = 0; hour < 24; ++hour) {
    if (!cron.hours[static_cast<std::size_t>(hour)]) continue;
    for (int minute = 0; minute < 60; ++minute) {
      if (!cron.minutes[static_cast<std::size_t>(minute)]) continue;
      std::tm wanted{};
      wanted.tm_year = day.tm_year;
      wanted.tm_mon = day.tm_mon;
      wanted.tm_mday = day.tm_mday;
      wanted.tm_hour = hour;
      wanted.tm_min = minute;
      wanted.tm_isdst = -1;
      const auto seconds = std::mktime(&wanted);
      if (seconds != -1 && system_time(seconds) > after) return system_time(seconds);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  std::array<std::bitset<64>, 5> sets;
  std::array<std::string_view, 5> fields;
  std::size_t count = 0;
  for (auto rest = text.substr(0, text_bytes_max + 1); !rest.empty();) {
    const auto field = take(rest, ' ');
    if (field.empty()) continue;
    if (count < fields.size()) fields[count] = field;
    ++count;
  }
  if (count != fields.size() || text.size() > text_bytes_max)
    return Error{ErrorKind::Invalid, std::string(text.substr(0, 100)),
                 "a cron expression has five fields: minute, hour, day of the month, month, day of "
                 "the week"};
  for (std::size_t i = 0; i < fields.size(); ++i)
    for (auto rest = fields[i]; !rest.empty() || sets[i].none();)
      if (!add_part(take(rest, ','), rules()[i], sets[i])) return bad_field(rules()[i], fields[i]);
  Cron cron;
  cron.minutes = narrowed<60>(sets[0]);
  cron.hours = narrowed<24>(sets[1]);
  cron.days = narrowed<32>(sets[2]);
  cron.months = narrowed<13>(sets[3]);
  cron.weekdays = narrowed<7>(sets[4]);
  if (sets[4][7]) cron.weekdays.set(0);
  cron.any_day = fields[2] == "*";
  cron.any_weekday = fields[4] == "*";
  return cron;
}

std::optional<SystemTime> next_time(const Cron& cron, SystemTime after) {
  const auto seconds = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(after));
  std::tm day{};
  if (!::localtime_r(&seconds, &day)) return std::nullopt;
  day.tm_hour = 12;  // noon: on every day, in every time zone
  day.tm_min = day.tm_sec = 0;
  for (int i = 0; i < days_looked_at; ++i) {
    day.tm_isdst = -1;
    if (std::mktime(&day) == -1) return std::nullopt;
    if (day_fits(cron, day))
      if (auto found = time_of_day(cron, day, after)) return found;
    ++day.tm_mday;
  }
  return std::nullopt;
}

Milliseconds LookTimes::until_next(SystemTime now) const {
  if (!cron) return interval;
  const auto next = next_time(*cron, now);
  return next ? std::chrono::ceil<Milliseconds>(*next - now)
              : std::chrono::duration_cast<Milliseconds>(std::chrono::hours(24));
}

}  // namespace causeway::connectors
