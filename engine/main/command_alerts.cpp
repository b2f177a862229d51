// causeway alerts: what is wrong now, who has seen it, and what is not to be told.
#include <cstdio>

#include "engine/api/json_text.h"
#include "engine/api/target.h"
#include "engine/main/api_client.h"
#include "engine/main/commands.h"

namespace causeway {
namespace {

int usage(std::FILE* to) {
  std::fprintf(
      to,
      "usage: causeway alerts [list] [--all]            open alerts; --all: resolved ones too\n"
      "       causeway alerts acknowledge ID [--comment TEXT]\n"
      "                                                it is not escalated any more\n"
      "       causeway alerts silence RULE --minutes N --reason TEXT [--subject TEXT]\n"
      "                                                nobody is told for a while\n"
      "       causeway alerts unsilence RULE [--subject TEXT]\n"
      "       causeway alerts silences | rules         what is silenced; what is watched\n"
      "       causeway alerts test RECIPIENT           tells a recipient that this is a test\n"
      "  Rules stand in alerts.json beside the channels; causeway check looks at them too.\n"
      "Options:\n%s",
      std::string(ApiClient::options_help).c_str());
  return to == stdout ? 0 : 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway alerts: %s\n", error.str().c_str());
  return 1;
}

std::string names(const config::Value& object, std::string_view name) {
  std::string text;
  for (const auto& each : list_of(object, name))
    if (each.string()) text += (text.empty() ? "" : ", ") + *each.string();
  return text;
}

void print_alert(const config::Value& alert) {
  const auto resolved = text_of(alert, "resolved");
  const auto seen_by = text_of(alert, "acknowledged_by");
  const auto told = names(alert, "told");
  std::printf("%-5lld %-8s %s: %s\n      %s\n      since %s",
              static_cast<long long>(integer_of(alert, "id")), text_of(alert, "severity").c_str(),
              text_of(alert, "rule").c_str(), text_of(alert, "subject").c_str(),
              text_of(alert, "text").c_str(), text_of(alert, "opened").c_str());
  if (!resolved.empty()) std::printf(", over at %s", resolved.c_str());
  if (!told.empty()) std::printf("; told: %s", told.c_str());
  if (!seen_by.empty())
    std::printf("; seen by %s%s%s", seen_by.c_str(), text_of(alert, "comment").empty() ? "" : ": ",
                text_of(alert, "comment").c_str());
  std::printf("\n");
}

/// Quietly nothing for who may not see them.
bool print_problems(ApiClient& client) {
  auto problems = client.ask_json("GET", "/api/alerts/problems");
  if (!problems) return false;
  for (const auto& each : list_of(*problems, "items"))
    std::printf("problem: %s\n", text_of(each, "text").c_str());
  return !list_of(*problems, "items").empty();
}

int list(ApiClient& client, bool all) {
  const bool troubled = print_problems(client);
  auto alerts = client.ask_json("GET", all ? "/api/alerts?state=any" : "/api/alerts");
  if (!alerts) return failed(alerts.error());
  for (const auto& alert : list_of(*alerts, "items")) print_alert(alert);
  if (list_of(*alerts, "items").empty() && !troubled)
    std::printf("nothing is wrong, as far as it is watched\n");
  return 0;
}

int list_silences(ApiClient& client) {
  auto silences = client.ask_json("GET", "/api/alerts/silences");
  if (!silences) return failed(silences.error());
  for (const auto& each : list_of(*silences, "items"))
    std::printf("%-24s %-32s until %s, by %s: %s\n", text_of(each, "rule").c_str(),
                text_of(each, "subject").c_str(), text_of(each, "until").c_str(),
                text_of(each, "by").c_str(), text_of(each, "reason").c_str());
  return 0;
}

int list_rules(ApiClient& client) {
  auto rules = client.ask_json("GET", "/api/alerts/rules");
  if (!rules) return failed(rules.error());
  for (const auto& rule : list_of(*rules, "items")) {
    const auto channels = names(rule, "channels");
    std::printf("%-24s %-18s %-8s in %s, tells %s\n", text_of(rule, "name").c_str(),
                text_of(rule, "when").c_str(), text_of(rule, "severity").c_str(),
                channels.empty() ? "all channels" : channels.c_str(),
                names(rule, "notify").c_str());
  }
  return 0;
}

int done(const Result<std::string>& answer) {
  return answer ? 0 : failed(answer.error());
}

int change(ApiClient& client, const std::string& verb, const std::string& about,
           const Arguments& arguments) {
  api::JsonText json;
  json.begin_object();
  if (verb == "acknowledge") {
    json.member("comment", arguments.value("comment")).end_object();
    return done(client.ask(
        "POST", "/api/alerts/" + api::percent_encoded(about) + "/acknowledgement", json.take()));
  }
  if (verb == "silence") {
    const auto minutes = arguments.number("minutes", 0);
    if (!minutes) return failed(minutes.error());
    json.member("rule", about).member("minutes", *minutes);
    json.member("reason", arguments.value("reason"));
    json.member("subject", arguments.value("subject")).end_object();
    return done(client.ask("POST", "/api/alerts/silences", json.take()));
  }
  if (verb == "unsilence")
    return done(
        client.ask("DELETE", "/api/alerts/silences?rule=" + api::percent_encoded(about) +
                                 "&subject=" + api::percent_encoded(arguments.value("subject"))));
  if (verb != "test") return usage(stderr);
  json.member("recipient", about).end_object();
  return done(client.ask("POST", "/api/alerts/test", json.take()));
}

}  // namespace

int command_alerts(const Words& words) {
  auto arguments = Arguments::parse(
      words, {{"data", "url", "ca", "comment", "minutes", "reason", "subject"}, {"all", "help"}});
  if (!arguments) return failed(arguments.error()), usage(stderr);
  if (arguments->has("help")) return usage(stdout);
  const auto& given = arguments->words();
  if (given.size() > 2) return usage(stderr);
  auto client = ApiClient::open(*arguments);
  if (!client) return failed(client.error());
  if (given.empty() || (given.size() == 1 && given[0] == "list"))
    return list(**client, arguments->has("all"));
  if (given.size() == 2) return change(**client, given[0], given[1], *arguments);
  if (given[0] == "silences") return list_silences(**client);
  if (given[0] == "rules") return list_rules(**client);
  return usage(stderr);
}

}  // namespace causeway
