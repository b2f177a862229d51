// What is watched, and who is told: the file alerts.json, beside the channels.
//
//   {"recipients": [{"name": "on_call", "type": "webhook", "url": "https://…"}],
//    "rules": [{"name": "lab_is_quiet", "when": "idle", "channels": ["lab"], "after_ms": 900000,
//               "hours": ["mon-fri 07:00-19:00"], "notify": ["on_call"]}]}
//
// Plain values.
#pragma once

#include <string>
#include <vector>

#include "engine/config/fields.h"
#include "engine/config/weekly_hours.h"

namespace causeway::observe {

/// What a rule looks at.
enum class When : std::uint8_t {
  Idle,               ///< No message has come for `after`, within `hours`.
  QueueAge,           ///< Something has waited for `after`.
  LaneHeld,           ///< A lane stands still until a person decides.
  ErrorRate,          ///< More than `percent` of at least `at_least` messages in `window` failed.
  Latency,            ///< One commit in a hundred took longer than `above`, in `window`.
  ChannelFailed,      ///< A channel should work, and can't.
  DestinationDown,    ///< A destination can't be reached.
  CertificateExpiry,  ///< A certificate is good for fewer than `within_days` days.
  DiskForecast,       ///< The disk will be full `within_hours`, or `percent` of it are left.
  EngineRestarted,    ///< The engine was started after an unclean end, less than `window` ago.
};
std::string_view to_string(When when);
std::string_view to_string_of_severity(bool critical);

struct Rule {
  std::string name;
  When when = When::Idle;
  std::vector<std::string> channels;  ///< Channels, or folders of them. None: all.
  std::string destination;            ///< This one alone. Empty: all.
  config::WeeklyHours hours;          ///< Outside of them it is not looked at.
  Milliseconds after{}, lasting{}, window{}, above{};
  std::int64_t percent = 0, at_least = 0, within_days = 0, within_hours = 0;
  bool critical = false;
  std::vector<std::string> notify;
  Milliseconds escalate_after{};  ///< 0: never.
  std::vector<std::string> escalate_to;

  bool covers(std::string_view channel) const;
};

struct Recipient {
  enum class Type : std::uint8_t { Webhook, Email, Syslog };
  std::string name;
  Type type = Type::Webhook;
  std::string url;      ///< Of the webhook, the mail server (smtp, smtps), or the log (udp, tcp).
  std::string user;     ///< At the mail server.
  std::string secret;   ///< The name in "secret:NAME": the bearer token, or the password.
  std::string ca_file;  ///< Who signed its certificate. Empty: the system's authorities.
  std::string mail_from;
  std::vector<std::string> mail_to;
};

struct RuleFile {
  std::vector<Recipient> recipients;
  std::vector<Rule> rules;

  const Recipient* recipient(std::string_view name) const;
  const Rule* rule(std::string_view name) const;
};

inline constexpr std::string_view rules_file_name = "alerts.json";
inline constexpr std::size_t rules_max = 1000;

const config::Fields& rule_file_fields();
/// Usable only if no problem was added.
RuleFile read_rules(const config::Value& value, config::Problems& problems,
                    const config::EnvironmentValues* environment);

}  // namespace causeway::observe
