// causeway user: who may use an installation.
#include <cstdio>

#include "engine/api/json_text.h"
#include "engine/api/target.h"
#include "engine/main/api_client.h"
#include "engine/main/commands.h"
#include "engine/main/grant_words.h"

namespace causeway {
namespace {

int usage(std::FILE* to) {
  std::fprintf(
      to,
      "usage: causeway user list                       all users and what they may do where\n"
      "       causeway user add NAME --grant ROLE[@FOLDER] ...\n"
      "                                                with a one-time password, which is "
      "printed\n"
      "       causeway user grant NAME --grant ROLE[@FOLDER] ...\n"
      "                                                in place of what he might do before\n"
      "       causeway user password NAME              a new one-time password\n"
      "       causeway user disable | enable | log-out NAME\n"
      "  ROLE is administrator, analyst, operator, auditor or viewer; without a FOLDER of\n"
      "  channels, everywhere. Options:\n%s",
      std::string(ApiClient::options_help).c_str());
  return to == stdout ? 0 : 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway user: %s\n", error.str().c_str());
  return 1;
}

std::string path_of(const std::string& name, const char* rest = "") {
  return "/api/users/" + api::percent_encoded(name) + rest;
}

int list(ApiClient& client) {
  auto users = client.ask_json("GET", "/api/users");
  if (!users) return failed(users.error());
  for (const auto& user : list_of(*users, "items"))
    std::printf("%-24s %s%s%s\n", text_of(user, "name").c_str(), grants_text(user).c_str(),
                flag_of(user, "disabled") ? "  disabled" : "",
                flag_of(user, "must_change_password") ? "  one-time password" : "");
  return 0;
}

int print_password(const Result<config::Value>& answer) {
  if (!answer) return failed(answer.error());
  std::printf("one-time password of %s, good for a day: %s\n", text_of(*answer, "name").c_str(),
              text_of(*answer, "one_time_password").c_str());
  return 0;
}

int change(const Result<std::string>& answer) {
  return answer ? 0 : failed(answer.error());
}

int run(ApiClient& client, const std::string& verb, const std::string& name,
        const Arguments& arguments) {
  auto grants = grants_json(arguments);
  if (!grants) return failed(grants.error());
  if (verb == "add") {
    api::JsonText json;
    json.begin_object().member("name", name).key("grants").raw(*grants).end_object();
    return print_password(client.ask_json("POST", "/api/users", json.take()));
  }
  if (verb == "grant")
    return change(client.ask("PUT", path_of(name, "/grants"), "{\"grants\":" + *grants + "}"));
  if (verb == "password")
    return print_password(client.ask_json("POST", path_of(name, "/password")));
  if (verb == "disable" || verb == "enable") {
    const bool disabled = verb == "disable";
    return change(client.ask("PUT", path_of(name, "/disabled"),
                             disabled ? "{\"disabled\":true}" : "{\"disabled\":false}"));
  }
  if (verb == "log-out") return change(client.ask("DELETE", path_of(name, "/sessions")));
  return usage(stderr);
}

}  // namespace

int command_user(const Words& words) {
  auto arguments = Arguments::parse(words, {{"data", "url", "ca", "grant"}, {"help"}});
  if (!arguments) return failed(arguments.error()), usage(stderr);
  if (arguments->has("help")) return usage(stdout);
  const auto& given = arguments->words();
  const bool lists = given.size() == 1 && given[0] == "list";
  if (!lists && given.size() != 2) return usage(stderr);
  auto client = ApiClient::open(*arguments);
  if (!client) return failed(client.error());
  return lists ? list(**client) : run(**client, given[0], given[1], *arguments);
}

}  // namespace causeway
