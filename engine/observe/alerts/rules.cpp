#include "engine/observe/alerts/rules.h"

#include <algorithm>
#include <array>
#include <set>

namespace causeway::observe {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 10> when_words{
    "idle",          "queue_age",       "lane_held",        "error_rate",
    "latency",       "channel_failed",  "destination_down", "certificate_expiry",
    "disk_forecast", "engine_restarted"};
constexpr std::array<std::string_view, 3> recipient_words{"webhook", "email", "syslog"};

constexpr std::int64_t ms(Milliseconds time) {
  return time.count();
}

template <std::size_t n>
std::vector<std::string> list_of(const std::array<std::string_view, n>& words) {
  return {words.begin(), words.end()};
}

template <std::size_t n>
std::size_t index_in(const std::array<std::string_view, n>& words, std::string_view word) {
  const auto at = std::find(words.begin(), words.end(), word);
  return at == words.end() ? 0 : static_cast<std::size_t>(at - words.begin());
}

config::Fields recipient_fields() {
  return {
      config::text("name", "What rules call it").required(),
      config::choice("type", "How it is told", list_of(recipient_words)).required(),
      config::text("url",
                   "https://… of a webhook; smtp://host:587 (with STARTTLS) or "
                   "smtps://host:465 of a mail server; udp://host:514 or tcp://host:601 of a "
                   "log (syslog, RFC 5424)")
          .required(),
      config::text("user", "Who sends, at a mail server that asks"),
      config::text("secret", "The webhook's bearer token, or the password at the mail server")
          .secret(),
      config::text("ca_file", "Who signed its certificate, PEM; without: the system's authorities"),
      config::text("from", "The address that mails are from"),
      config::text_list("to", "The addresses that mails go to")};
}

config::Fields rule_fields() {
  return {
      config::text("name", "What people call it; unique").required(),
      config::choice("when", "What is looked at", list_of(when_words)).required(),
      config::text_list("channels", "These channels, or all in these folders; without: all"),
      config::text("destination", "queue_age, destination_down: this destination alone"),
      config::text_list(
          "hours", "When it is looked at, local time: \"mon-fri 07:00-19:00\"; without: always"),
      config::duration_ms("after_ms", "idle, queue_age: after so long", ms(15min)),
      config::duration_ms("for_ms",
                          "Only when it has lasted so long, and until it has been over "
                          "for so long",
                          0),
      config::duration_ms("window_ms", "error_rate, latency, engine_restarted: looks back so far",
                          ms(5min)),
      config::duration_ms("above_ms", "latency: the 99th percentile of a commit", 1000),
      config::integer("percent", "error_rate: of messages; disk_forecast: of the disk, still free")
          .between(0, 100)
          .defaults_to(10),
      config::integer("at_least", "error_rate: only with so many messages")
          .between(1, 1'000'000)
          .defaults_to(10),
      config::integer("within_days", "certificate_expiry: days that are left")
          .between(0, 3650)
          .defaults_to(30),
      config::integer("within_hours", "disk_forecast: hours that are left")
          .between(1, 10'000)
          .defaults_to(24),
      config::choice("severity", "How much it matters", {"warning", "critical"}),
      config::text_list("notify", "Recipients, told when it opens and when it is over"),
      config::duration_ms("escalate_after_ms",
                          "Told to escalate_to when nobody has acknowledged it by then; 0: never",
                          0),
      config::text_list("escalate_to", "Recipients who are told then")};
}

Rule rule_of(const config::Parsed& parsed) {
  Rule rule;
  rule.name = parsed.text("name");
  rule.when = static_cast<When>(index_in(when_words, parsed.text("when")));
  rule.channels = parsed.text_list("channels");
  rule.destination = parsed.text("destination");
  rule.after = parsed.duration("after_ms");
  rule.lasting = parsed.duration("for_ms");
  rule.window = parsed.duration("window_ms");
  rule.above = parsed.duration("above_ms");
  rule.percent = parsed.integer("percent");
  rule.at_least = parsed.integer("at_least");
  rule.within_days = parsed.integer("within_days");
  rule.within_hours = parsed.integer("within_hours");
  rule.critical = parsed.text("severity") == "critical";
  rule.notify = parsed.text_list("notify");
  rule.escalate_after = parsed.duration("escalate_after_ms");
  rule.escalate_to = parsed.text_list("escalate_to");
  return rule;
}

Recipient recipient_of(const config::Parsed& parsed) {
  Recipient recipient;
  recipient.name = parsed.text("name");
  recipient.type = static_cast<Recipient::Type>(index_in(recipient_words, parsed.text("type")));
  recipient.url = parsed.text("url");
  recipient.user = parsed.text("user");
  recipient.secret = parsed.text("secret");
  recipient.ca_file = parsed.text("ca_file");
  recipient.mail_from = parsed.text("from");
  recipient.mail_to = parsed.text_list("to");
  return recipient;
}

/// The item of a list in the file, for the place of a problem.
const config::Value& item_at(const config::Value& file, std::string_view list, std::size_t index) {
  const auto* found = file.find(list);
  const auto* items = found ? found->list() : nullptr;
  return items && index < items->size() ? (*items)[index] : file;
}

void check_recipient(const Recipient& recipient, const config::Value& at, std::string pointer,
                     config::Problems& problems) {
  const auto scheme = recipient.url.substr(0, recipient.url.find("://"));
  const std::vector<std::string> known[] = {{"https", "http"}, {"smtp", "smtps"}, {"udp", "tcp"}};
  const auto& schemes = known[static_cast<std::size_t>(recipient.type)];
  if (scheme.size() == recipient.url.size() ||
      std::find(schemes.begin(), schemes.end(), scheme) == schemes.end())
    problems.add(at, config::pointer_to(pointer, "url"),
                 "begins with " + schemes[0] + ":// or " + schemes[1] + "://");
  const bool mail = recipient.type == Recipient::Type::Email;
  if (mail && (recipient.mail_from.empty() || recipient.mail_to.empty()))
    problems.add(at, std::move(pointer), "an e-mail needs \"from\" and \"to\"");
}

void check_names(const std::vector<std::string>& names, const RuleFile& file,
                 const config::Value& at, const std::string& pointer, config::Problems& problems) {
  std::vector<std::string> known;
  for (const auto& recipient : file.recipients) known.push_back(recipient.name);
  for (const auto& name : names)
    if (!file.recipient(name))
      problems.add(
          at, pointer,
          "there is no recipient " + config::in_quotes(name) + config::did_you_mean(name, known));
}

template <class Named>
void check_unique(const std::vector<Named>& items, const config::Value& file, std::string_view list,
                  config::Problems& problems) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (!seen.insert(items[i].name).second)
      problems.add(item_at(file, list, i),
                   config::pointer_to(config::pointer_to("", list), i) + "/name",
                   "there is one named " + config::in_quotes(items[i].name) + " already");
}

}  // namespace

std::string_view to_string(When when) {
  return when_words[static_cast<std::size_t>(when)];
}

std::string_view to_string_of_severity(bool critical) {
  return critical ? "critical" : "warning";
}

bool Rule::covers(std::string_view channel) const {
  return channels.empty() ||
         std::any_of(channels.begin(), channels.end(), [&](const std::string& each) {
           return channel == each || (channel.starts_with(each) && channel[each.size()] == '/');
         });
}

const Recipient* RuleFile::recipient(std::string_view name) const {
  for (const auto& each : recipients)
    if (each.name == name) return &each;
  return nullptr;
}

const Rule* RuleFile::rule(std::string_view name) const {
  for (const auto& each : rules)
    if (each.name == name) return &each;
  return nullptr;
}

const config::Fields& rule_file_fields() {
  static const config::Fields fields = {
      config::object_list("recipients", "Who can be told", recipient_fields()),
      config::object_list("rules", "What is watched", rule_fields())};
  return fields;
}

RuleFile read_rules(const config::Value& value, config::Problems& problems,
                    const config::EnvironmentValues* environment) {
  RuleFile file;
  const auto before = problems.errors();
  const auto parsed = config::read(rule_file_fields(), value, problems, "", environment);
  if (problems.errors() > before) return file;
  for (const auto& each : parsed.object_list("recipients")) {
    file.recipients.push_back(recipient_of(each));
    const auto index = file.recipients.size() - 1;
    // Without an environment what stands in for it reads as if it were not given.
    if (environment || !file.recipients.back().url.empty())
      check_recipient(file.recipients.back(), item_at(value, "recipients", index),
                      config::pointer_to("/recipients", index), problems);
  }
  for (const auto& each : parsed.object_list("rules")) {
    auto rule = rule_of(each);
    const auto pointer = config::pointer_to("/rules", file.rules.size());
    const auto& at = item_at(value, "rules", file.rules.size());
    auto hours = config::WeeklyHours::parse(each.text_list("hours"));
    if (hours)
      rule.hours = *hours;
    else
      problems.add(at, pointer + "/hours",
                   config::in_quotes(hours.error().place) + " " + hours.error().text);
    check_names(rule.notify, file, at, pointer + "/notify", problems);
    check_names(rule.escalate_to, file, at, pointer + "/escalate_to", problems);
    if (rule.escalate_after.count() > 0 && rule.escalate_to.empty())
      problems.add(at, pointer + "/escalate_to", "says nobody to tell after escalate_after_ms");
    file.rules.push_back(std::move(rule));
  }
  if (file.rules.size() > rules_max)
    problems.add(value, "/rules", "at most " + std::to_string(rules_max) + " rules");
  check_unique(file.recipients, value, "recipients", problems);
  check_unique(file.rules, value, "rules", problems);
  return file;
}

}  // namespace causeway::observe
