#include "engine/config/sending_times.h"

#include <algorithm>
#include <ctime>
#include <optional>

namespace causeway::config {
namespace {

/// "2026-12-01 22:00" or with seconds, and nothing after it.
std::optional<SystemTime> local_time(const std::string& text) {
  for (const auto* format : {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"}) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), format, &parts);
    if (!end || *end != '\0') continue;
    parts.tm_isdst = -1;
    const auto seconds = ::mktime(&parts);
    if (seconds == -1) continue;
    return SystemTime(std::chrono::seconds(seconds));
  }
  return std::nullopt;
}

}  // namespace

Result<SendingTimes::Window> SendingTimes::window_of(const std::string& text) {
  constexpr std::string_view between = " to ";
  const auto at = text.find(between);
  const auto from = local_time(text.substr(0, at));
  const auto to =
      at == std::string::npos ? std::nullopt : local_time(text.substr(at + between.size()));
  if (!from || !to)
    return Error{ErrorKind::Invalid, text,
                 "is no time; write it as \"2026-12-01 22:00 to 2026-12-02 04:00\""};
  if (*to <= *from) return Error{ErrorKind::Invalid, text, "ends before it begins"};
  return Window{*from, *to};
}

Result<SendingTimes> SendingTimes::parse(const std::vector<std::string>& hours,
                                         const std::vector<std::string>& maintenance) {
  SendingTimes times;
  times.limited_ = !hours.empty() || !maintenance.empty();
  auto weekly = WeeklyHours::parse(hours);
  if (!weekly) return weekly.error();
  times.hours_ = *weekly;
  for (const auto& text : maintenance) {
    auto window = window_of(text);
    if (!window) return window.error();
    times.maintenance_.push_back(*window);
  }
  return times;
}

bool SendingTimes::allow(SystemTime at) const {
  if (!limited_) return true;
  return hours_.contains(WeeklyHours::minute_of_week(at)) &&
         std::none_of(maintenance_.begin(), maintenance_.end(),
                      [&](const Window& window) { return at >= window.from && at < window.to; });
}

}  // namespace causeway::config
