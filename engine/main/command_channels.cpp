// causeway channels: what runs, what ran before, and changes to both, of a running engine.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "engine/api/json_text.h"
#include "engine/api/target.h"
#include "engine/config/library.h"
#include "engine/config/revision_hash.h"
#include "engine/main/api_client.h"
#include "engine/main/channel_files.h"
#include "engine/main/commands.h"
#include "engine/main/file_differences.h"
#include "engine/main/json_reading.h"
#include "engine/main/revision_files.h"

namespace causeway {
namespace {

namespace fs = std::filesystem;

int usage() {
  std::fprintf(
      stderr,
      "usage: causeway channels [options]               how the deployed channels are\n"
      "       causeway channels show NAME               one of them, with its source and "
      "destinations\n"
      "       causeway channels history NAME            what was deployed, newest first\n"
      "       causeway channels diff NAME [--from N] [--to N] [--folder FOLDER]\n"
      "                                                 between revisions; default: what is "
      "deployed\n"
      "                                                 and the one before, or the folder's files\n"
      "       causeway channels export NAME --to FOLDER [--revision N]\n"
      "       causeway channels rollback NAME --revision N [--comment TEXT] [--force]\n"
      "       causeway channels start | stop | pause | resume NAME [--source | --destination D] "
      "[--force]\n"
      "                                                 stays so over a restart of the engine\n"
      "       causeway channels undeploy NAME [--comment TEXT] [--force]\n"
      "  --json               the list as the API gives it\n%s",
      std::string(ApiClient::options_help).c_str());
  return 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway channels: %s\n", error.str().c_str());
  return 1;
}

std::string target_of(const std::string& name, const std::string& more = {}) {
  return "/api/channels/" + api::percent_encoded(name) + more;
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

/// "2026-11-24T17:20:03.123Z" to the second.
std::string to_the_second(const std::string& time) {
  return time.size() > 19 ? fmt::format("{}Z", std::string_view(time).substr(0, 19))
                          : or_dash(time);
}

std::string depth(std::int64_t count, bool more) {
  return std::to_string(count) + (more ? "+" : "");
}

std::int64_t queued(const config::Value& channel) {
  auto all = number_in(channel, "queued_runs");
  for (const auto& part : items_in(channel, "parts")) all += number_in(part, "queued");
  return all;
}

int list(ApiClient& client, const Arguments& arguments) {
  auto page = client.ask_json("GET", "/api/channels");
  if (!page) return failed(page.error());
  if (arguments.has("json")) {
    std::printf("%s\n", config::canonical_json(*page).c_str());
    return 0;
  }
  const std::string_view line = "{:<32} {:<8} {:>8} {:>9} {:>7} {:>7}  {:<20} {}\n";
  fmt::print(fmt::runtime(line), "CHANNEL", "STATE", "REVISION", "RECEIVED", "PER MIN", "QUEUED",
             "LAST RECEIVED", "OLDEST WAITING");
  for (const auto& channel : items_in(*page, "items")) {
    fmt::print(fmt::runtime(line), text_in(channel, "path"), text_in(channel, "state"),
               number_in(channel, "revision"), number_in(channel, "received"),
               number_in(channel, "received_per_minute"), queued(channel),
               to_the_second(text_in(channel, "last_received")),
               or_dash(text_in(channel, "oldest_waiting")));
    if (const auto why = text_in(channel, "why"); !why.empty()) fmt::print("  {}\n", why);
    for (const auto& part : items_in(channel, "parts"))
      if (text_in(part, "state") != "started" && text_in(channel, "state") == "started")
        fmt::print("  {}: {}{}\n", text_in(part, "name"), text_in(part, "state"),
                   text_in(part, "why").empty() ? "" : ", " + text_in(part, "why"));
  }
  return 0;
}

int show(ApiClient& client, const std::string& name) {
  auto channel = client.ask_json("GET", target_of(name));
  if (!channel) return failed(channel.error());
  fmt::print("{}: {}{}\n", text_in(*channel, "path"), text_in(*channel, "state"),
             text_in(*channel, "why").empty() ? "" : ", " + text_in(*channel, "why"));
  fmt::print("  revision {}, deployed {} by {}{}\n", number_in(*channel, "revision"),
             to_the_second(text_in(*channel, "deployed_at")), text_in(*channel, "author"),
             text_in(*channel, "comment").empty() ? "" : ": " + text_in(*channel, "comment"));
  fmt::print("  received {} since the start, {} a minute, the last {}\n",
             number_in(*channel, "received"), number_in(*channel, "received_per_minute"),
             to_the_second(text_in(*channel, "last_received")));
  fmt::print("  not run yet: {}; oldest waiting: {}\n",
             depth(number_in(*channel, "queued_runs"), flag_in(*channel, "more_runs_on_disk")),
             or_dash(text_in(*channel, "oldest_waiting")));
  for (const auto& part : items_in(*channel, "parts"))
    fmt::print("  {}: {}{}, {}, queued {}\n", text_in(part, "name"), text_in(part, "state"),
               text_in(part, "why").empty() ? "" : " (" + text_in(part, "why") + ")",
               text_in(part, "address"),
               depth(number_in(part, "queued"), flag_in(part, "more_on_disk")));
  return 0;
}

int history(ApiClient& client, const std::string& name) {
  auto page = client.ask_json("GET", target_of(name, "/deployments?limit=1000"));
  if (!page) return failed(page.error());
  for (const auto& each : items_in(*page, "items")) {
    const auto revision = number_in(each, "revision");
    fmt::print("{}  {:<14} {}{}\n", to_the_second(text_in(each, "at")),
               revision == 0 ? "undeployed" : "revision " + std::to_string(revision),
               text_in(each, "author"),
               text_in(each, "comment").empty() ? "" : ": " + text_in(each, "comment"));
  }
  return 0;
}

Result<RevisionFiles> files_of_revision(ApiClient& client, const std::string& name,
                                        long long revision) {
  auto answer =
      client.ask_json("GET", target_of(name, "/files?revision=" + std::to_string(revision)));
  if (!answer) return answer.error();
  RevisionFiles files;
  const auto* members = answer->find("files");
  if (!members || !members->object()) return Error{ErrorKind::Invalid, name, "no files came"};
  for (const auto& [file, text] : *members->object())
    if (text.string()) files.emplace(file, *text.string());
  if (auto good = check_files(files); !good) return good.error();  // they may be written here
  return files;
}

Result<RevisionFiles> files_of_folder(const std::string& folder, const std::string& name) {
  config::Problems problems;
  for (const auto& channel : read_channels(folder, nullptr, problems))
    if (channel.path == name) return files_of(channel);
  if (!problems.empty()) return Error{ErrorKind::Invalid, "", problems.list.front().str()};
  return Error{ErrorKind::NotFound, folder, "no such channel is there"};
}

/// The revision that was deployed before the one that is; 0: none.
Result<long long> previous(ApiClient& client, const std::string& name) {
  auto page = client.ask_json("GET", target_of(name, "/deployments?limit=1000"));
  if (!page) return page.error();
  const auto& items = items_in(*page, "items");
  for (const auto& each : items) {
    const auto revision = number_in(each, "revision");
    if (revision != 0 && revision != number_in(items.front(), "revision")) return revision;
  }
  return Error{ErrorKind::NotFound, name, "no other revision has been deployed"};
}

int diff(ApiClient& client, const std::string& name, const Arguments& arguments) {
  auto to = arguments.number("to", 0);
  auto from = arguments.number("from", 0);
  if (!to || !from) return usage();
  const bool with_folder = arguments.has("folder");
  if (!with_folder && !arguments.has("from")) {
    from = previous(client, name);
    if (!from) return failed(from.error());
  }
  auto title = [](long long revision) {
    return revision == 0 ? std::string("deployed") : "revision " + std::to_string(revision);
  };
  auto before = files_of_revision(client, name, *from);
  if (!before) return failed(before.error());
  auto after = with_folder ? files_of_folder(arguments.value("folder"), name)
                           : files_of_revision(client, name, *to);
  if (!after) return failed(after.error());
  const auto text = differences({title(*from), *before},
                                {with_folder ? arguments.value("folder") : title(*to), *after});
  std::fputs(text.c_str(), stdout);
  return 0;
}

int export_files(ApiClient& client, const std::string& name, const Arguments& arguments) {
  auto revision = arguments.number("revision", 0);
  if (!revision || !arguments.has("to")) return usage();
  auto files = files_of_revision(client, name, *revision);
  if (!files) return failed(files.error());
  const fs::path folder = fs::path(arguments.value("to")) / name;
  std::error_code error;
  if (fs::exists(folder, error))
    return failed({ErrorKind::Conflict, folder.string(), "is there already"});
  std::size_t of_library = 0;
  for (const auto& [file, text] : *files) {
    if (file.starts_with(config::library_prefix)) {
      ++of_library;
      continue;
    }
    fs::create_directories((folder / file).parent_path(), error);
    std::ofstream out(folder / file, std::ios::binary);
    out << text;
    if (!out.flush()) return failed({ErrorKind::Unavailable, folder / file, "can't be written"});
  }
  fmt::print("written: {}\n", folder.string());
  if (of_library > 0)
    fmt::print("not written: files of the library of mappings that it uses: {}\n", of_library);
  return 0;
}

int roll_back(ApiClient& client, const std::string& name, const Arguments& arguments) {
  auto revision = arguments.number("revision", 0);
  if (!revision || *revision < 1) return usage();
  api::JsonText json;
  json.begin_object()
      .member("revision", *revision)
      .member("comment", arguments.value("comment"))
      .member("force", arguments.has("force"));
  auto result = client.ask_json("POST", target_of(name, "/rollback"), json.end_object().take());
  if (!result) return failed(result.error());
  const auto change = text_in(*result, "change");
  fmt::print("{}: {}\n", name, change);
  for (const auto& text : items_in(*result, "problems"))
    if (text.string()) fmt::print("  {}\n", *text.string());
  return change == "refused" ? 1 : 0;
}

int undeploy(ApiClient& client, const std::string& name, const Arguments& arguments) {
  auto done = client.ask_json(
      "DELETE", target_of(name, "?comment=" + api::percent_encoded(arguments.value("comment")) +
                                    (arguments.has("force") ? "&force=true" : "")));
  if (!done) return failed(done.error());
  fmt::print("{}: undeployed\n", name);
  return 0;
}

int switch_part(ApiClient& client, const std::string& name, const std::string& state,
                const Arguments& arguments) {
  if (arguments.has("source") && arguments.has("destination")) return usage();
  const auto part = arguments.has("source") ? "source" : arguments.value("destination");
  api::JsonText json;
  json.begin_object().member("part", part).member("state", state);
  json.member("force", arguments.has("force"));
  auto done = client.ask_json("POST", target_of(name, "/state"), json.end_object().take());
  if (!done) return failed(done.error());
  fmt::print("{}{}: {}\n", name, part.empty() ? "" : " " + part, state);
  return 0;
}

}  // namespace

int command_channels(const Words& words) {
  auto arguments = Arguments::parse(
      words, {{"data", "url", "ca", "from", "to", "folder", "revision", "comment", "destination"},
              {"source", "force", "json", "help"}});
  if (!arguments) std::fprintf(stderr, "causeway channels: %s\n", arguments.error().str().c_str());
  if (!arguments || arguments->has("help")) return usage();
  const auto& verbs = arguments->words();
  if (verbs.size() > 2 || verbs.size() == 1) return usage();
  auto client = ApiClient::open(*arguments);
  if (!client) return failed(client.error());
  if (verbs.empty()) return list(**client, *arguments);
  const auto& [verb, name] = std::pair(verbs[0], verbs[1]);
  if (verb == "show") return show(**client, name);
  if (verb == "history") return history(**client, name);
  if (verb == "diff") return diff(**client, name, *arguments);
  if (verb == "export") return export_files(**client, name, *arguments);
  if (verb == "rollback") return roll_back(**client, name, *arguments);
  if (verb == "undeploy") return undeploy(**client, name, *arguments);
  if (verb == "start" || verb == "resume")
    return switch_part(**client, name, "started", *arguments);
  if (verb == "stop") return switch_part(**client, name, "stopped", *arguments);
  if (verb == "pause") return switch_part(**client, name, "paused", *arguments);
  return usage();
}

}  // namespace causeway
