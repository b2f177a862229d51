// An alert in words and as JSON, for those who are told of it.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "engine/config/revision_hash.h"
#include "engine/observe/alerts/teller.h"

namespace causeway::observe {
namespace {

config::Value text(std::string value) {
  return {std::move(value), {}};
}

config::Value time(const std::optional<SystemTime>& at) {
  if (!at) return {};
  return text(fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", std::chrono::floor<std::chrono::seconds>(*at)));
}

}  // namespace

std::string notice_json(const Notice& notice) {
  const auto& alert = notice.alert;
  return config::canonical_json(
      {config::Value::Object{{"event", text(std::string(to_string(notice.kind)))},
                             {"id", {alert.id, {}}},
                             {"rule", text(alert.rule)},
                             {"severity", text(std::string(to_string_of_severity(alert.critical)))},
                             {"channel", text(alert.channel)},
                             {"subject", text(alert.subject)},
                             {"text", text(alert.text)},
                             {"opened", time(alert.opened)},
                             {"resolved", time(alert.resolved)}},
       {}});
}

std::string notice_line(const Notice& notice) {
  const auto& alert = notice.alert;
  const auto* weight = alert.critical ? "CRITICAL" : "warning";
  if (notice.kind == Notice::Kind::Resolved)
    return fmt::format("resolved: {}: {}", alert.rule, alert.subject);
  return fmt::format("{} {}: {}: {}: {}", weight, to_string(notice.kind), alert.rule, alert.subject,
                     alert.text);
}

}  // namespace causeway::observe
