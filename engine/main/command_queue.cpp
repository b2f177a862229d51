// causeway queue: what waits, is held or parked, and why; and what a person decides about it.
#include <fmt/format.h>

#include <cstdio>

#include "engine/api/time_text.h"
#include "engine/main/commands.h"
#include "engine/main/installation.h"
#include "engine/main/message_text.h"
#include "engine/main/queue_decision.h"

namespace causeway {
namespace {

using api::time_text;

constexpr std::size_t counted_max = 10'000;  ///< A backlog is counted up to here.

int usage() {
  std::fprintf(
      stderr,
      "usage: causeway queue show [--channel PATH] [--rows N] [options]\n"
      "  Lists each queue with work: what is queued, waits for a retry, is held or parked.\n"
      "  --rows N             with the first N pieces of work that need attention (10)\n"
      "\n"
      "       causeway queue retry|skip|mark-delivered|discard --channel PATH --destination NAME\n"
      "                             --reason TEXT [selection]\n"
      "  Lets go (retry), leaves out, or closes what waits, is held or parked in one queue.\n"
      "  --destination NAME   a destination, or run: the channel's runs\n"
      "  --message ID         this message alone [--run N] [--part N]\n"
      "  --lane-of ID         all in a lane with this message\n"
      "  --state STATE        held, parked, waiting or behind (default: the first three)\n"
      "  --limit N            at most so many (1000)\n"
      "  --dry-run            only says what it would be about\n%s",
      std::string(Installation::options_help).c_str());
  return 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway queue: %s\n", error.str().c_str());
  return 1;
}

struct Backlog {
  std::size_t count = 0;
  MessageId oldest;
};

Result<Backlog> backlog_of(WorkReader& reader, WorkQueue queue, MessageId low_water,
                           MessageId last) {
  const Page page{low_water, last, counted_max};
  Backlog backlog;
  if (!queue.destination) {
    auto rows = reader.open_runs(queue.channel, page);
    if (!rows) return rows.error();
    backlog.count = rows->size();
    if (!rows->empty()) backlog.oldest = rows->front().message;
    return backlog;
  }
  auto rows = reader.open_deliveries(queue, page);
  if (!rows) return rows.error();
  backlog.count = rows->size();
  if (!rows->empty()) backlog.oldest = rows->front().work.message;
  return backlog;
}

std::string count_text(std::size_t count) {
  return count >= counted_max ? fmt::format("{} or more", count) : std::to_string(count);
}

void print_rows(const std::vector<AttentionRow>& rows) {
  for (const auto& row : rows)
    std::printf(
        "    %s\n",
        fmt::format("{} run {}{} {}{}, tried {} times, since {}{}{}", to_string(row.work.message),
                    row.work.run.value,
                    row.work.part > 0 ? fmt::format(" part {}", row.work.part) : "",
                    to_string(row.state), row.suspect ? " (suspect)" : "", row.attempts,
                    time_text(row.since),
                    row.state == AttentionState::Waiting ? ", next try " + time_text(row.due) : "",
                    row.reason.empty() ? "" : ": " + visible(row.reason, false))
            .c_str());
}

int show(const Arguments& arguments) {
  auto rows = arguments.number("rows", 10);
  if (!rows || *rows < 0 || *rows > 1000) return usage();
  auto opened = Installation::open(arguments);
  if (!opened) return failed(opened.error());
  auto& installation = **opened;
  auto& reader = installation.store().work();
  auto low_waters = reader.low_waters();
  if (!low_waters) return failed(low_waters.error());
  const MessageId last{INT64_MAX};
  auto views = installation.store().queues().queues();
  if (!views) return failed(views.error());
  std::map<WorkQueue, store::QueueView> by_queue;
  for (auto& view : *views) by_queue.emplace(view.queue, view);
  for (const auto& [channel, path] : installation.channels())
    by_queue[{channel, {}}].queue = {channel, {}};
  for (const auto& [id, destination] : installation.destinations())
    by_queue[{destination.channel, id}].queue = {destination.channel, id};

  bool any = false;
  for (const auto& [queue, view] : by_queue) {
    const auto path = installation.channel_path(queue.channel);
    const auto wanted = arguments.value("channel");
    if (!wanted.empty() && path != wanted && !path.starts_with(wanted + "/")) continue;
    auto mark = low_waters->find(queue);
    auto backlog =
        backlog_of(reader, queue, mark == low_waters->end() ? MessageId{} : mark->second, last);
    if (!backlog) return failed(backlog.error());
    if (backlog->count == 0 && view.parts.empty()) continue;
    any = true;
    std::printf("%s > %s\n", path.c_str(),
                installation.destination_name(queue.destination).c_str());
    if (backlog->count > 0)
      std::printf("  queued: %s, oldest %s\n", count_text(backlog->count).c_str(),
                  to_string(backlog->oldest).c_str());
    for (const auto& [state, part] : view.parts)
      std::printf("  %s: %llu, oldest %s, since %s\n", std::string(to_string(state)).c_str(),
                  static_cast<unsigned long long>(part.rows), to_string(part.oldest).c_str(),
                  time_text(part.since).c_str());
    if (*rows == 0 || view.parts.empty()) continue;
    auto listed = reader.attention(queue, {}, static_cast<std::size_t>(*rows));
    if (!listed) return failed(listed.error());
    print_rows(*listed);
  }
  if (!any) std::printf("nothing waits\n");
  return 0;
}

}  // namespace

int command_queue(const Words& words) {
  auto arguments =
      Arguments::parse(words, {{"data", "database", "channel", "rows", "url", "ca", "destination",
                                "reason", "message", "run", "part", "lane-of", "state", "limit"},
                               {"help", "dry-run"}});
  if (!arguments) {
    std::fprintf(stderr, "causeway queue: %s\n", arguments.error().str().c_str());
    return usage();
  }
  const auto& given = arguments->words();
  if (given.size() != 1 || arguments->has("help")) return usage();
  if (given[0] == "show") return show(*arguments);
  for (const auto* decision : {"retry", "skip", "mark-delivered", "discard"})
    if (given[0] == decision) return decide_on_queue(decision, *arguments);
  return usage();
}

}  // namespace causeway
