// causeway token: API tokens, for programs and for commands on other machines.
#include <cstdio>

#include "engine/api/json_text.h"
#include "engine/api/target.h"
#include "engine/main/api_client.h"
#include "engine/main/commands.h"
#include "engine/main/grant_words.h"

namespace causeway {
namespace {

int usage(std::FILE* to) {
  std::fprintf(to,
               "usage: causeway token list\n"
               "       causeway token add NAME --grant ROLE[@FOLDER] ... [--days N]\n"
               "                             printed this once; good for N days (90)\n"
               "       causeway token revoke ID\n%s",
               std::string(ApiClient::options_help).c_str());
  return to == stdout ? 0 : 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway token: %s\n", error.str().c_str());
  return 1;
}

int list(ApiClient& client) {
  auto tokens = client.ask_json("GET", "/api/tokens");
  if (!tokens) return failed(tokens.error());
  for (const auto& token : list_of(*tokens, "items"))
    std::printf("%4lld  %-24s %-32s until %.10s  by %s%s%s\n",
                static_cast<long long>(integer_of(token, "id")), text_of(token, "name").c_str(),
                grants_text(token).c_str(), text_of(token, "expires_at").c_str(),
                text_of(token, "created_by").c_str(), token.find("used_at") ? "" : "  never used",
                flag_of(token, "revoked") ? "  revoked" : "");
  return 0;
}

int add(ApiClient& client, const std::string& name, const Arguments& arguments) {
  auto days = arguments.number("days", 90);
  if (!days) return failed(days.error());
  auto grants = grants_json(arguments);
  if (!grants) return failed(grants.error());
  api::JsonText json;
  json.begin_object().member("name", name).member("expires_in_days", *days);
  auto made =
      client.ask_json("POST", "/api/tokens", json.key("grants").raw(*grants).end_object().take());
  if (!made) return failed(made.error());
  std::printf("%s\n", text_of(*made, "token").c_str());
  return 0;
}

int revoke(ApiClient& client, const std::string& id) {
  auto done = client.ask("DELETE", "/api/tokens/" + api::percent_encoded(id));
  return done ? 0 : failed(done.error());
}

}  // namespace

int command_token(const Words& words) {
  auto arguments = Arguments::parse(words, {{"data", "url", "ca", "grant", "days"}, {"help"}});
  if (!arguments) return failed(arguments.error()), usage(stderr);
  if (arguments->has("help")) return usage(stdout);
  const auto& given = arguments->words();
  const bool lists = given.size() == 1 && given[0] == "list";
  const bool acts = given.size() == 2 && (given[0] == "add" || given[0] == "revoke");
  if (!lists && !acts) return usage(stderr);
  auto client = ApiClient::open(*arguments);
  if (!client) return failed(client.error());
  if (lists) return list(**client);
  return given[0] == "add" ? add(**client, given[1], *arguments) : revoke(**client, given[1]);
}

}  // namespace causeway
