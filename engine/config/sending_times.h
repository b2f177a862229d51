// When a destination is sent to: within its weekly hours, and not while it is being maintained.
// Messages are received and kept all the same. All in the engine's local time. Plain values.
#pragma once

#include <vector>

#include "engine/config/weekly_hours.h"

namespace causeway::config {

class SendingTimes {
 public:
  /// Always.
  SendingTimes() = default;
  /// `hours`: as WeeklyHours. `maintenance`: "2026-12-01 22:00 to 2026-12-02 04:00", with seconds
  /// if need be. Invalid: which one, and what is wrong with it.
  static Result<SendingTimes> parse(const std::vector<std::string>& hours,
                                    const std::vector<std::string>& maintenance);

  bool is_limited() const { return limited_; }
  bool allow(SystemTime at) const;

 private:
  struct Window {
    SystemTime from, to;
  };
  static Result<Window> window_of(const std::string& text);

  bool limited_ = false;
  WeeklyHours hours_;
  std::vector<Window> maintenance_;
};

}  // namespace causeway::config
