// Hours of the week in which something is expected, in the engine's local time: "mon-fri
// 07:00-19:00", "sat,sun 08:00-12:00", "daily 22:00-06:00" (into the next day). Plain values.
#pragma once

#include <bitset>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::config {

class WeeklyHours {
 public:
  static constexpr int minutes_per_week = 7 * 24 * 60;

  /// All week.
  WeeklyHours() { minutes_.set(); }
  /// Together; none: all week. Invalid: which one, and what is wrong with it.
  static Result<WeeklyHours> parse(const std::vector<std::string>& lines);

  /// `minute` of the week, from Monday 00:00.
  bool contains(int minute) const { return minutes_.test(static_cast<std::size_t>(minute)); }
  /// How many minutes these hours have lasted without a break, at most a week; 0 outside of them.
  int lasting(int minute) const;

  static int minute_of_week(SystemTime at);

 private:
  std::bitset<minutes_per_week> minutes_;
};

}  // namespace causeway::config
