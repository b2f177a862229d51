// causeway compare: what a draft of a channel would make otherwise of stored messages.
#include <cstdio>
#include <thread>

#include "engine/api/json_text.h"
#include "engine/api/time_text.h"
#include "engine/config/library.h"
#include "engine/core/clock.h"
#include "engine/main/api_client.h"
#include "engine/main/authoring/channel_selection.h"
#include "engine/main/authoring/difference.h"
#include "engine/main/channel_files.h"
#include "engine/main/commands.h"
#include "engine/main/compare/stored_comparison.h"
#include "engine/main/installation.h"
#include "engine/main/revision_files.h"

namespace causeway {
namespace {

constexpr long long limit_max = 10'000'000;
constexpr std::size_t clusters_shown_max = 50;

int usage() {
  std::fprintf(
      stderr,
      "usage: causeway compare FOLDER [options]\n"
      "  Runs the channel in FOLDER and the deployed one over stored messages, newest first, and "
      "says\n"
      "  what would be otherwise. Nobody is asked, nothing is sent or stored: look-ups and state "
      "are as\n"
      "  they were recorded. Reads the database, past the engine.\n"
      "  --channel PATH       whose messages, and what is deployed (default: the folder's name)\n"
      "  --since, --to TIME   received from, and before: 2026-11-24 or 2026-11-24T17:20:03 (UTC)\n"
      "  --limit N            at most so many messages (1000)\n"
      "  --values             with the values of an example: they are of patients\n"
      "  --mappings FOLDER    the library that scripts import from\n%s",
      std::string(Installation::options_help).c_str());
  return 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway compare: %s\n", error.str().c_str());
  return 1;
}

Result<config::ChannelConfig> read_draft(const Arguments& arguments) {
  const std::filesystem::path folder = arguments.words()[0];
  config::Problems problems;
  const auto selection = select_channels(folder, problems);
  if (selection.paths.size() != 1)
    return Error{ErrorKind::Invalid, folder.string(), "one channel's folder is compared at a time"};
  auto draft =
      config::read_channel_folder(selection.root, selection.paths.front(), connector_fields(),
                                  nullptr, problems, check_message_path);
  const auto library =
      config::read_library(mappings_folder(arguments.value("mappings"), selection.root), problems);
  config::add_used(library, draft);
  for (const auto& problem : problems.list) std::fprintf(stderr, "%s\n", problem.str().c_str());
  if (problems.errors() > 0) return Error{ErrorKind::Invalid, folder.string(), "it has problems"};
  return draft;
}

Result<ChannelId> channel_called(const Installation& installation, const std::string& path) {
  for (const auto& [id, known] : installation.channels())
    if (known == path) return id;
  return Error{ErrorKind::NotFound, path, "no such channel has been deployed (--channel PATH)"};
}

Result<config::ChannelConfig> read_deployed(store::ReadOnlyStore& store, ChannelId id,
                                            const std::string& path) {
  auto current = store.revisions().current();
  if (!current) return current.error();
  const auto found = current->find(id);
  if (found == current->end() || found->second.revision == 0)
    return Error{ErrorKind::NotFound, path, "it isn't deployed"};
  auto revision = store.revisions().revision(id, found->second.revision);
  if (!revision) return revision.error();
  auto files = unpack(revision->files);
  if (!files) return files.error();
  config::Problems problems;
  auto config = read_files(path, *files, nullptr, problems);
  if (problems.errors() == 0) return config;
  return Error{ErrorKind::Invalid, path, "the deployed revision: " + problems.list.front().str()};
}

/// Content is read past the engine: its audit trail says so, if it runs.
Status note(const Arguments& arguments, const std::string& path) {
  auto client = ApiClient::open(arguments);
  api::JsonText json;
  json.begin_object().member("channel", path);
  json.member("reason", "compare: --limit " + arguments.value("limit", "1000") + " --since " +
                            arguments.value("since", "-") + " --to " + arguments.value("to", "-"));
  const auto noted =
      client ? (*client)->ask("POST", "/api/messages/comparisons", json.end_object().take())
             : Result<std::string>(client.error());
  if (noted) return Done{};
  const bool away =
      noted.error().kind == ErrorKind::NotFound || noted.error().kind == ErrorKind::Unavailable;
  if (!away) return noted.error();
  std::fprintf(stderr, "no engine runs on it: this is not in its audit trail\n");
  return Done{};
}

std::optional<Error> read_times(const Arguments& arguments, store::SearchRequest& request) {
  request.from = SystemTime{};
  request.to = MachineClock().now() + std::chrono::hours(1);
  for (const auto& [name, time] :
       {std::pair("since", &request.from), std::pair("to", &request.to)}) {
    if (!arguments.has(name)) continue;
    const auto read = api::parse_time(arguments.value(name));
    if (!read) return read.error();
    *time = *read;
  }
  return std::nullopt;
}

void tell(const StoredComparison::Done& done, std::chrono::duration<double> took, bool values) {
  const auto& summary = done.summary;
  std::size_t shown = 0;
  for (const auto& cluster : summary.clusters) {
    if (shown++ == clusters_shown_max) break;
    const auto& change = cluster.change;
    std::printf("%8zu  %s%s  (such as %s)\n", cluster.messages,
                change.destination.empty() ? "" : (change.destination + ": ").c_str(),
                change.what.c_str(), to_string(cluster.example).c_str());
    if (values && !(change.before.empty() && change.after.empty()))
      std::printf("          %s -> %s\n", causeway::shown(change.before).c_str(),
                  causeway::shown(change.after).c_str());
  }
  if (summary.clusters.size() > clusters_shown_max || summary.more)
    std::printf("          … and more kinds of changes\n");
  if (done.content_gone > 0)
    std::printf("messages whose content is gone: %zu\n", done.content_gone);
  std::printf("messages compared: %zu, the same: %zu, otherwise: %zu (%.0f a second)\n",
              summary.compared, summary.compared - summary.changed, summary.changed,
              static_cast<double>(summary.compared) / std::max(took.count(), 1e-3));
}

}  // namespace

int command_compare(const Words& words) {
  auto arguments = Arguments::parse(
      words,
      {{"data", "database", "channel", "since", "to", "limit", "mappings"}, {"values", "help"}});
  if (!arguments) std::fprintf(stderr, "causeway compare: %s\n", arguments.error().str().c_str());
  if (!arguments || arguments->has("help") || arguments->words().size() != 1) return usage();
  const auto limit = arguments->number("limit", 1000);
  if (!limit || *limit < 1 || *limit > limit_max) return usage();
  auto draft = read_draft(*arguments);
  if (!draft) return failed(draft.error());
  auto installation = Installation::open(*arguments);
  if (!installation) return failed(installation.error());
  auto& store = (*installation)->store();
  const auto path = arguments->value("channel", draft->path);
  auto id = channel_called(**installation, path);
  if (!id) return failed(id.error());
  auto deployed = read_deployed(store, *id, path);
  if (!deployed) return failed(deployed.error());
  // The same for both: what ctx.message.channel says is no difference.
  draft->path = path;
  StoredComparison comparison{store,
                              *deployed,
                              *draft,
                              {},
                              static_cast<std::size_t>(*limit),
                              std::thread::hardware_concurrency()};
  comparison.request.channels = {*id};
  if (auto wrong = read_times(*arguments, comparison.request)) return failed(*wrong);
  if (auto noted = note(*arguments, path); !noted) return failed(noted.error());
  const auto began = std::chrono::steady_clock::now();
  const auto done = comparison.run();
  if (!done) return failed(done.error());
  tell(*done, std::chrono::steady_clock::now() - began, arguments->has("values"));
  return done->summary.changed > 0 ? 1 : 0;
}

}  // namespace causeway
