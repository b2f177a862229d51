// Cron expressions: "minute hour day-of-month month day-of-week", five fields of lists (1,15),
// ranges (8-18), steps (*/5, 8-18/2) and names (jan, mon); 0 and 7 are Sunday. Where both days are
// restricted, either is enough, as in POSIX crontab. Times are local to the machine (TZ). Plain
// values; pure but for the time zone; thread-safe. Errors: Invalid, naming the field.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::connectors {

struct Cron {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;    ///< 1 … 31
  std::bitset<13> months;  ///< 1 … 12
  std::bitset<7> weekdays;
  bool any_day = false, any_weekday = false;  ///< Its field is *.

  bool operator==(const Cron&) const = default;
};

Result<Cron> parse_cron(std::string_view text);

/// The first time after `after`; a time that a change to summer time leaves out comes at its end.
/// None: there is none within eight years (30 February).
std::optional<SystemTime> next_time(const Cron& cron, SystemTime after);

/// When a source looks: every so often, or at the times of a cron expression.
struct LookTimes {
  Milliseconds interval{10'000};
  std::optional<Cron> cron;
  Milliseconds until_next(SystemTime now) const;
};

}  // namespace causeway::connectors
