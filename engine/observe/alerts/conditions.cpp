#include "engine/observe/alerts/conditions.h"

#include <fmt/format.h>

#include <algorithm>

namespace causeway::observe {
namespace {

using namespace std::chrono_literals;

constexpr auto past_kept = std::chrono::hours(2);
constexpr std::size_t samples_max = 720;
/// A forecast of the disk from less than this would be guessing.
constexpr auto forecast_least = std::chrono::minutes(10);

/// "3 d 4 h", "2 h 5 min", "45 s": the two largest units.
std::string in_words(std::chrono::seconds time) {
  const auto seconds = std::max<std::int64_t>(time.count(), 0);
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds / 3600 % 24);
}

std::string in_words(SystemTime::duration time) {
  return in_words(std::chrono::duration_cast<std::chrono::seconds>(time));
}

/// The upper bound of the bucket below which 99 of 100 fall; 0: there are none.
Milliseconds percentile_99(const ChannelSituation::Commits& now,
                           const ChannelSituation::Commits& before) {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < now.size(); ++i) all += now[i] - before[i];
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < now.size() && all > 0; ++i) {
    below += now[i] - before[i];
    if (below * 100 >= all * 99)
      return std::chrono::ceil<Milliseconds>(std::chrono::microseconds(std::int64_t{16} << i));
  }
  return Milliseconds(0);
}

}  // namespace

void Conditions::see(Situation situation) {
  present_ = std::move(situation);
  if (!samples_.empty() && present_.steady - samples_.back().at < sample_every) return;
  Sample sample;
  sample.at = present_.steady;
  sample.disk_free = present_.disk_free;
  for (const auto& channel : present_.channels)
    sample.channels[channel.path] = {channel.received, channel.failed, channel.commits};
  samples_.push_back(std::move(sample));
  while (samples_.size() > samples_max || present_.steady - samples_.front().at > past_kept)
    samples_.pop_front();
}

const Conditions::Sample* Conditions::sample(Milliseconds back) const {
  const Sample* found = samples_.empty() ? nullptr : &samples_.front();
  for (const auto& each : samples_) {
    if (each.at > present_.steady - back) break;
    found = &each;
  }
  return found;
}

std::vector<Finding> Conditions::findings(const Rule& rule) const {
  std::vector<Finding> found;
  if (!rule.hours.contains(config::WeeklyHours::minute_of_week(present_.at))) return found;
  switch (rule.when) {
    case When::CertificateExpiry:
      for (const auto& each : present_.certificates) {
        const auto left = each.expires - present_.at;
        if (!rule.covers(each.channel) || left > std::chrono::days(rule.within_days)) continue;
        found.push_back({each.channel, each.what,
                         left.count() <= 0 ? "the certificate has expired"
                                           : "the certificate expires in " + in_words(left)});
      }
      return found;
    case When::DiskForecast:
      if (auto text = disk_fills(rule)) found.push_back({"", "disk", *text});
      return found;
    case When::EngineRestarted:
      if (auto text = restarted(rule)) found.push_back({"", "engine", *text});
      return found;
    default:
      for (const auto& channel : present_.channels)
        if (rule.covers(channel.path)) find_in(rule, channel, found);
      return found;
  }
}

void Conditions::find_in(const Rule& rule, const ChannelSituation& channel,
                         std::vector<Finding>& found) const {
  const auto add = [&](const std::optional<std::string>& text) {
    if (text) found.push_back({channel.path, channel.path, *text});
  };
  switch (rule.when) {
    case When::Idle:
      return add(idle(rule, channel));
    case When::ErrorRate:
      return add(failing(rule, channel));
    case When::Latency:
      return add(slow(rule, channel));
    case When::ChannelFailed:
      if (!channel.failure.empty()) add(channel.failure);
      return;
    default:
      return find_waiting(rule, channel, found);
  }
}

void Conditions::find_waiting(const Rule& rule, const ChannelSituation& channel,
                              std::vector<Finding>& found) const {
  const auto look = [&](const std::string& name, bool down, std::uint64_t held,
                        std::optional<SystemTime> oldest) {
    if (!rule.destination.empty() && rule.destination != name) return;
    const auto subject = name.empty() ? channel.path : channel.path + " > " + name;
    if (rule.when == When::DestinationDown && down)
      found.push_back({channel.path, subject, "can't be reached, and is tried again"});
    if (rule.when == When::LaneHeld && held > 0)
      found.push_back({channel.path, subject,
                       fmt::format("{} held, with all behind {}, until somebody decides", held,
                                   held == 1 ? "it" : "them")});
    if (rule.when == When::QueueAge && oldest && present_.at - *oldest >= rule.after)
      found.push_back({channel.path, subject,
                       "the oldest has been waiting for " + in_words(present_.at - *oldest)});
  };
  look("", false, channel.runs_held, channel.oldest_run);
  for (const auto& each : channel.destinations)
    look(each.name, each.down, each.lanes_held, each.oldest);
}

/// The silence that counts is that within the hours, and while there was an engine.
std::optional<std::string> Conditions::idle(const Rule& rule,
                                            const ChannelSituation& channel) const {
  if (!channel.working) return std::nullopt;
  const auto lasting = rule.hours.lasting(config::WeeklyHours::minute_of_week(present_.at));
  auto since = channel.last_received.value_or(present_.engine_started);
  if (lasting < config::WeeklyHours::minutes_per_week)
    since = std::max<SystemTime>(since, std::chrono::floor<std::chrono::minutes>(present_.at) -
                                            std::chrono::minutes(lasting - 1));
  if (present_.at - since < rule.after) return std::nullopt;
  return "no message for " + in_words(present_.at - since);
}

std::optional<std::string> Conditions::failing(const Rule& rule,
                                               const ChannelSituation& channel) const {
  const auto* before = sample(rule.window);
  if (!before) return std::nullopt;
  const auto at = before->channels.find(channel.path);
  const auto then = at == before->channels.end() ? Sample::Counts{} : at->second;
  const auto failed = static_cast<std::int64_t>(channel.failed - then.failed);
  const auto all = std::max(static_cast<std::int64_t>(channel.received - then.received), failed);
  if (all < rule.at_least || failed * 100 <= all * rule.percent) return std::nullopt;
  return fmt::format("{} of {} failed in the last {}", failed, all,
                     in_words(present_.steady - before->at > rule.window
                                  ? std::chrono::duration_cast<std::chrono::seconds>(rule.window)
                                  : std::chrono::duration_cast<std::chrono::seconds>(
                                        present_.steady - before->at)));
}

std::optional<std::string> Conditions::slow(const Rule& rule,
                                            const ChannelSituation& channel) const {
  const auto* before = sample(rule.window);
  if (!before) return std::nullopt;
  const auto at = before->channels.find(channel.path);
  const auto then = at == before->channels.end() ? Sample::Counts{} : at->second;
  const auto p99 = percentile_99(channel.commits, then.commits);
  if (p99 <= rule.above) return std::nullopt;
  return fmt::format("one commit in a hundred takes up to {} ms", p99.count());
}

std::optional<std::string> Conditions::disk_fills(const Rule& rule) const {
  if (present_.disk_bytes == 0) return std::nullopt;
  const auto free_percent =
      static_cast<std::int64_t>(present_.disk_free * 100 / present_.disk_bytes);
  if (free_percent <= rule.percent) return fmt::format("{} % of the disk are left", free_percent);
  const auto* before = sample(past_kept);
  if (!before || present_.steady - before->at < forecast_least ||
      before->disk_free <= present_.disk_free)
    return std::nullopt;
  const auto seconds = std::chrono::duration<double>(present_.steady - before->at).count();
  const auto per_second = static_cast<double>(before->disk_free - present_.disk_free) / seconds;
  const auto left = std::chrono::seconds(static_cast<std::int64_t>(
      std::min(static_cast<double>(present_.disk_free) / per_second, 1e9)));
  if (left > std::chrono::hours(rule.within_hours)) return std::nullopt;
  return "at the present rate the disk is full in " + in_words(left);
}

std::optional<std::string> Conditions::restarted(const Rule& rule) const {
  const auto ago = present_.at - present_.engine_started;
  if (!present_.unclean_start || ago > rule.window) return std::nullopt;
  return "it did not end cleanly, and was started " + in_words(ago) + " ago";
}

}  // namespace causeway::observe
