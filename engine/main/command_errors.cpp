// causeway errors: what fails, grouped by cause, and its messages.
#include <fmt/format.h>

#include <cstdio>

#include "engine/api/target.h"
#include "engine/config/revision_hash.h"
#include "engine/main/api_client.h"
#include "engine/main/commands.h"
#include "engine/main/message_text.h"

namespace causeway {
namespace {

int usage() {
  std::fprintf(
      stderr,
      "usage: causeway errors [options]               the latest causes first\n"
      "  --channel PATH       this channel, or all in this folder\n"
      "  --limit N            at most so many (50)\n"
      "       causeway errors show NUMBER [options]   one, with its newest messages\n"
      "  --json               one JSON object a line\n"
      "Its messages are found, and sent once more, by causeway messages find and causeway\n"
      "replay start with --cause NUMBER.\n%s",
      std::string(ApiClient::options_help).c_str());
  return 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway errors: %s\n", error.str().c_str());
  return 1;
}

std::string group_text(const config::Value& group) {
  auto where = text_of(group, "channel") + " > " + text_of(group, "destination");
  for (const auto* name : {"stage", "place", "code"})
    if (const auto text = text_of(group, name); !text.empty()) where += ", " + text;
  return fmt::format(
      "{}  {}: {}\n    {} times, {} open; first {} (deployment {}), last {} (deployment {})",
      text_of(group, "id"), where, text_of(group, "kind"), integer_of(group, "count"),
      integer_of(group, "open"), time_of(group, "first_seen"),
      integer_of(group, "first_deployment"), time_of(group, "last_seen"),
      integer_of(group, "last_deployment"));
}

void print(const Arguments& arguments, const config::Value& value, const std::string& text) {
  std::printf("%s\n", (arguments.has("json") ? config::canonical_json(value) : text).c_str());
}

int list(ApiClient& client, const Arguments& arguments) {
  auto limit = arguments.number("limit", 50);
  if (!limit || *limit < 1 || *limit > 1000) return usage();
  auto page = client.ask_json("GET", "/api/errors?limit=" + std::to_string(*limit) + "&channel=" +
                                         api::percent_encoded(arguments.value("channel")));
  if (!page) return failed(page.error());
  const auto& groups = list_of(*page, "items");
  for (const auto& group : groups) print(arguments, group, group_text(group));
  if (groups.empty()) std::fprintf(stderr, "nothing has failed\n");
  return 0;
}

int show(ApiClient& client, const Arguments& arguments) {
  auto group = client.ask_json("GET", "/api/errors/" + api::percent_encoded(arguments.words()[1]));
  if (!group) return failed(group.error());
  print(arguments, *group, group_text(*group));
  if (arguments.has("json")) return 0;
  auto messages = client.ask_json("GET", text_of(*group, "messages") + "&limit=20");
  if (!messages) return failed(messages.error());
  for (const auto& message : list_of(*messages, "items"))
    std::printf("  %s\n", found_line(message).c_str());
  return 0;
}

}  // namespace

int command_errors(const Words& words) {
  auto arguments =
      Arguments::parse(words, {{"data", "url", "ca", "channel", "limit"}, {"json", "help"}});
  if (!arguments) {
    std::fprintf(stderr, "causeway errors: %s\n", arguments.error().str().c_str());
    return usage();
  }
  const auto& given = arguments->words();
  const bool shows = given.size() == 2 && given[0] == "show";
  const bool lists = given.empty() || (given.size() == 1 && given[0] == "list");
  if (arguments->has("help") || (!shows && !lists)) return usage();
  auto client = ApiClient::open(*arguments);
  if (!client) return failed(client.error());
  return shows ? show(**client, *arguments) : list(**client, *arguments);
}

}  // namespace causeway
