// causeway deploy: brings channel folders into a running engine.
#include <cstdio>

#include "engine/api/json_text.h"
#include "engine/main/api_client.h"
#include "engine/main/authoring/channel_selection.h"
#include "engine/main/channel_files.h"
#include "engine/main/commands.h"
#include "engine/main/json_reading.h"
#include "engine/main/revision_files.h"

namespace causeway {
namespace {

/// Of one call: channels are sent in parts, those that are hopped to first.
constexpr std::size_t call_bytes = 1024 * 1024;

int usage() {
  std::fprintf(
      stderr,
      "usage: causeway deploy [options] FOLDER\n"
      "  Deploys the channels below FOLDER that differ from what runs; or the one that it is, "
      "under\n"
      "  the folder's own name (--only leaves it in the folders that it is in).\n"
      "  --only PATH          this channel alone, by its path below FOLDER\n"
      "  --mappings FOLDER    the library that scripts import from (default: mappings beside "
      "FOLDER, or\n"
      "                       the program's own)\n"
      "  --comment TEXT       why; kept with the deployment\n"
      "  --dry-run            check, say what would change, and change nothing\n"
      "  --force              also if a destination is removed that has open deliveries: they\n"
      "                       are parked\n%s",
      std::string(ApiClient::options_help).c_str());
  return 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway deploy: %s\n", error.str().c_str());
  return 1;
}

std::string request_of(const std::vector<const config::ChannelConfig*>& channels,
                       const Arguments& arguments) {
  api::JsonText json;
  json.begin_object().key("channels").begin_list();
  for (const auto* channel : channels) {
    json.begin_object().member("path", channel->path).key("files").begin_object();
    for (const auto& [name, text] : files_of(*channel)) json.member(name, text);
    json.end_object().end_object();
  }
  json.end_list().member("comment", arguments.value("comment"));
  json.member("dry_run", arguments.has("dry-run")).member("force", arguments.has("force"));
  return json.end_object().take();
}

struct Count {
  int changed = 0, unchanged = 0, refused = 0;
};

void tell(const config::Value& result, Count& count) {
  const auto change = text_in(result, "change");
  if (change == "unchanged") {
    ++count.unchanged;
    return;
  }
  ++(change == "refused" ? count.refused : count.changed);
  const auto revision = number_in(result, "revision");
  std::printf("%s: %s%s\n", text_in(result, "path").c_str(), change.c_str(),
              revision > 0 ? (", revision " + std::to_string(revision)).c_str() : "");
  for (const char* list : {"problems", "notes"})
    for (const auto& text : items_in(result, list))
      if (text.string()) std::printf("  %s\n", text.string()->c_str());
}

/// Who is hopped to comes before those that hop there.
std::vector<const config::ChannelConfig*> in_order(
    const std::vector<config::ChannelConfig>& channels) {
  std::map<std::string, const config::ChannelConfig*> by_path;
  for (const auto& channel : channels) by_path.emplace(channel.path, &channel);
  std::vector<const config::ChannelConfig*> order;
  std::set<std::string> seen;
  std::function<void(const config::ChannelConfig&)> add = [&](const auto& channel) {
    if (!seen.insert(channel.path).second) return;
    for (const auto& destination : channel.destinations)
      if (auto at = by_path.find(destination.channel); at != by_path.end()) add(*at->second);
    order.push_back(&channel);
  };
  for (const auto& channel : channels) add(channel);
  return order;
}

int deploy(const std::vector<config::ChannelConfig>& channels, const Arguments& arguments) {
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  Count count;
  std::vector<const config::ChannelConfig*> part;
  std::size_t bytes = 0;
  auto send = [&]() -> Status {
    if (part.empty()) return Done{};
    auto answer = (*client)->ask_json("POST", "/api/deployments", request_of(part, arguments));
    if (!answer) return answer.error();
    for (const auto& result : items_in(*answer, "results")) tell(result, count);
    part.clear();
    bytes = 0;
    return Done{};
  };
  for (const auto* channel : in_order(channels)) {
    for (const auto& [name, text] : files_of(*channel)) bytes += name.size() + text.size();
    part.push_back(channel);
    if (bytes < call_bytes) continue;
    if (auto sent = send(); !sent) return failed(sent.error());
  }
  if (auto sent = send(); !sent) return failed(sent.error());
  std::printf("%s: %d, unchanged: %d, refused: %d\n",
              arguments.has("dry-run") ? "would be deployed" : "deployed", count.changed,
              count.unchanged, count.refused);
  return count.refused > 0 ? 1 : 0;
}

}  // namespace

int command_deploy(const Words& words) {
  auto arguments = Arguments::parse(
      words, {{"data", "url", "ca", "comment", "only", "mappings"}, {"dry-run", "force", "help"}});
  if (!arguments) std::fprintf(stderr, "causeway deploy: %s\n", arguments.error().str().c_str());
  if (!arguments || arguments->has("help") || arguments->words().size() != 1) return usage();
  config::Problems problems;
  const auto selection = select_channels(arguments->words()[0], problems);
  const auto mappings = arguments->value("mappings");
  auto channels = selection.alone
                      ? read_channel(selection.root, selection.paths.front(), problems, mappings)
                      : read_channels(arguments->words()[0], nullptr, problems, mappings);
  for (const auto& problem : problems.list) std::printf("%s\n", problem.str().c_str());
  if (problems.errors() > 0) return 1;
  if (const auto only = arguments->value("only"); !only.empty())
    std::erase_if(channels, [&](const auto& channel) { return channel.path != only; });
  if (channels.empty())
    return failed({ErrorKind::NotFound, arguments->words()[0], "no channel is there"});
  return deploy(channels, *arguments);
}

}  // namespace causeway
