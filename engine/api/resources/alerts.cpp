// /api/alerts: what the rules have found, who has seen it, and what is not to be told.
#include <algorithm>

#include "engine/api/json_text.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using observe::Alert;
using security::Permission;

constexpr std::int64_t silence_minutes_max = 30 * 24 * 60;

config::Fields alert_fields() {
  return {config::integer("id", "Its number").required(),
          config::text("rule", "The rule's name").required(),
          config::choice("severity", "How much it matters", {"warning", "critical"}),
          config::text("channel", "The channel it is about; none: the installation"),
          config::text("subject", "What it is about").required(),
          config::text("text", "In words").required(),
          config::text("opened", "When").required(),
          config::text("resolved", "When it was over"),
          config::text("acknowledged", "When somebody said that he has seen it"),
          config::text("acknowledged_by", "Who"),
          config::text("comment", "And what he said"),
          config::text_list("told", "Recipients who know of it")};
}

config::Fields silence_fields() {
  return {config::text("rule", "Of this rule").required(),
          config::text("subject", "About this alone; none: about anything"),
          config::text("until", "When it ends").required(),
          config::text("by", "Who wanted it").required(), config::text("reason", "Why")};
}

config::Fields rule_fields() {
  return {config::text("name", "Its name").required(),
          config::text("when", "What it looks at").required(),
          config::choice("severity", "How much it matters", {"warning", "critical"}),
          config::text_list("channels", "In these channels and folders; none: in all"),
          config::text_list("notify", "Who is told")};
}

std::string alert_json(const Alert& alert) {
  JsonText json;
  json.begin_object().member("id", alert.id).member("rule", alert.rule);
  json.member("severity", observe::to_string_of_severity(alert.critical));
  if (!alert.channel.empty()) json.member("channel", alert.channel);
  json.member("subject", alert.subject).member("text", alert.text).member("opened", *alert.opened);
  if (alert.resolved) json.member("resolved", *alert.resolved);
  if (alert.acknowledged) json.member("acknowledged", *alert.acknowledged);
  if (alert.acknowledged) json.member("acknowledged_by", alert.acknowledged_by);
  if (!alert.comment.empty()) json.member("comment", alert.comment);
  json.key("told").begin_list();
  for (const auto& name : alert.told) json.value(name);
  return json.end_list().end_object().take();
}

Result<Reply> list(const Services& services, const Request& request) {
  const auto state = request.query.text("state");
  std::vector<std::string> items;
  for (const auto& alert : services.alerting.alerts()) {
    const bool wanted = state == "any" || (state == "open") == alert.is_open();
    if (wanted && request.sees(alert.channel)) items.push_back(alert_json(alert));
  }
  return page_reply(request, items, "");
}

Result<std::string> channel_of_alert(const Services& services, const Request& request) {
  for (const auto& alert : services.alerting.alerts())
    if (alert.id == request.path.integer("id")) return alert.channel;
  return Error{ErrorKind::NotFound, "", "there is no such alert"};
}

Reply done_or(const Status& status) {
  return status ? no_content() : problem(status.error().kind, status.error().str());
}

Result<Reply> acknowledge(const Services& services, const Request& request) {
  return done_or(services.alerting.acknowledge(request.path.integer("id"), request.caller.name,
                                               request.body.text("comment")));
}

Result<Reply> list_silences(const Services& services, const Request& request) {
  std::vector<std::string> items;
  for (const auto& each : services.alerting.silences()) {
    JsonText json;
    json.begin_object().member("rule", each.rule);
    if (!each.subject.empty()) json.member("subject", each.subject);
    json.member("until", each.until).member("by", each.by).member("reason", each.reason);
    items.push_back(json.end_object().take());
  }
  return page_reply(request, items, "");
}

Result<Reply> silence(const Services& services, const Request& request) {
  const auto until = services.clock.now() + std::chrono::minutes(request.body.integer("minutes"));
  return done_or(
      services.alerting.silence({request.body.text("rule"), request.body.text("subject"), until,
                                 request.caller.name, request.body.text("reason")}));
}

Result<Reply> end_silence(const Services& services, const Request& request) {
  if (services.alerting.end_silence(request.query.text("rule"), request.query.text("subject")))
    return no_content();
  return problem(ErrorKind::NotFound, "there is no such silence");
}

Result<Reply> list_rules(const Services& services, const Request& request) {
  std::vector<std::string> items;
  for (const auto& rule : services.alerting.rules().rules) {
    JsonText json;
    json.begin_object().member("name", rule.name).member("when", observe::to_string(rule.when));
    json.member("severity", observe::to_string_of_severity(rule.critical));
    json.key("channels").begin_list();
    for (const auto& each : rule.channels) json.value(each);
    json.end_list().key("notify").begin_list();
    for (const auto& each : rule.notify) json.value(each);
    items.push_back(json.end_list().end_object().take());
  }
  return page_reply(request, items, "");
}

Result<Reply> list_problems(const Services& services, const Request& request) {
  std::vector<std::string> items;
  for (const auto& each : services.alerting.problems()) {
    JsonText json;
    items.push_back(json.begin_object().member("text", each).end_object().take());
  }
  return page_reply(request, items, "");
}

Result<Reply> test(const Services& services, const Request& request) {
  return done_or(services.alerting.test(request.body.text("recipient")));
}

using Action = Result<Reply> (*)(const Services&, const Request&);

Handler handler(const Services& services, Action action) {
  return [&services, action](const Request& request) { return action(services, request); };
}

}  // namespace

std::vector<Route> alert_routes(const Services& services) {
  return {
      {.method = Method::Get,
       .path = "/api/alerts",
       .operation = "list_alerts",
       .summary = "Alerts, newest first",
       .access = filtered(Permission::MonitoringRead),
       .query = {config::choice("state", "Which", {"open", "resolved", "any"})},
       .answer = page_of(alert_fields()),
       .handler = handler(services, list)},
      {.method = Method::Post,
       .path = "/api/alerts/{id}/acknowledgement",
       .operation = "acknowledge_alert",
       .summary = "Says that somebody has seen it: it is not escalated any more",
       .access = in_channel(
           Permission::ChannelsControl,
           [&services](const Request& request) { return channel_of_alert(services, request); }),
       .parameters = {config::integer("id", "The alert's number").required()},
       .body = {config::text("comment", "What is being done")},
       .answer = nothing(),
       .handler = handler(services, acknowledge)},
      {.method = Method::Get,
       .path = "/api/alerts/rules",
       .operation = "list_alert_rules",
       .summary = "What is watched",
       .access = everywhere(Permission::MonitoringRead),
       .answer = page_of(rule_fields()),
       .handler = handler(services, list_rules)},
      {.method = Method::Get,
       .path = "/api/alerts/problems",
       .operation = "list_alert_problems",
       .summary = "What is wrong with the rules' file; while there are errors, the version before "
                  "it holds",
       .access = everywhere(Permission::MonitoringRead),
       .answer = page_of({config::text("text", "File, place and what").required()}),
       .handler = handler(services, list_problems)},
      {.method = Method::Get,
       .path = "/api/alerts/silences",
       .operation = "list_silences",
       .summary = "What is not told of at present",
       .access = everywhere(Permission::MonitoringRead),
       .answer = page_of(silence_fields()),
       .handler = handler(services, list_silences)},
      {.method = Method::Post,
       .path = "/api/alerts/silences",
       .operation = "silence_alerts",
       .summary = "Nobody is told of a rule's alerts for a while; they open all the same",
       .access = everywhere(Permission::ChannelsControl),
       .body =
           {config::text("rule", "Of this rule").required(),
            config::text("subject", "About this alone; none: about anything"),
            config::integer("minutes", "For so long").between(1, silence_minutes_max).required(),
            config::text("reason", "Why").required()},
       .answer = nothing(),
       .handler = handler(services, silence)},
      {.method = Method::Delete,
       .path = "/api/alerts/silences",
       .operation = "end_silence",
       .summary = "Told of again",
       .access = everywhere(Permission::ChannelsControl),
       .query = {config::text("rule", "Of this rule").required(),
                 config::text("subject", "As it was silenced")},
       .answer = nothing(),
       .handler = handler(services, end_silence)},
      {.method = Method::Post,
       .path = "/api/alerts/test",
       .operation = "test_recipient",
       .summary = "Tells a recipient that this is a test",
       .access = everywhere(Permission::ChannelsControl),
       .body = {config::text("recipient", "Its name").required()},
       .answer = nothing(),
       .handler = handler(services, test)}};
}

}  // namespace causeway::api
