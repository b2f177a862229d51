// causeway queue: what waits, is held or parked, and why; and what a person decides about it.
#include <cstdio>

#include "engine/config/revision_hash.h"
#include "engine/main/api_client.h"
#include "engine/main/commands.h"
#include "engine/main/message_lookup.h"
#include "engine/main/message_text.h"
#include "engine/main/queue_decision.h"

namespace causeway {
namespace {

int usage() {
  std::fprintf(
      stderr,
      "usage: causeway queue show [--channel PATH] [--rows N] [options]\n"
      "  Lists each queue with work: what is queued, waits for a retry, is held or parked.\n"
      "  --rows N             with the first N pieces of work that need attention (10)\n"
      "  --json               one JSON object a line\n"
      "  --database URL       read the PostgreSQL that the site runs, past the engine\n"
      "\n"
      "       causeway queue retry|skip|mark-delivered|discard --channel PATH --destination NAME\n"
      "                             --reason TEXT [selection]\n"
      "  Lets go (retry), leaves out, or closes what waits, is held or parked in one queue.\n"
      "  --destination NAME   a destination, or run: the channel's runs\n"
      "  --message ID         this message alone [--run N] [--part N]\n"
      "  --lane-of ID         all in a lane with this message\n"
      "  --state STATE        held, parked, waiting or behind (default: the first three)\n"
      "  --limit N            at most so many (1000)\n"
      "  --dry-run            only says what it would be about\n"
      "\n"
      "       causeway queue hold --channel PATH --destination NAME --reason TEXT [--lane-of ID]\n"
      "       causeway queue release --channel PATH --destination NAME --reason TEXT\n"
      "                             [--lane-of ID | --all]\n"
      "  Stops a whole queue, or the lanes of one message, until they are released, also over\n"
      "  restarts: what is under way ends, nothing else is begun.\n"
      "  --all                all that is held in this queue\n"
      "\n"
      "       causeway queue edit --channel PATH --destination NAME --message ID --content FILE\n"
      "                             --reason TEXT [--run N] [--part N]\n"
      "  Sends the file's content in its place: to the destination as it is, or (run) through the\n"
      "  channel's scripts.\n%s",
      std::string(ApiClient::options_help).c_str());
  return 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway queue: %s\n", error.str().c_str());
  return 1;
}

int show(const Arguments& arguments) {
  auto rows = arguments.number("rows", 10);
  if (!rows || *rows < 0 || *rows > 1000) return usage();
  auto lookup = MessageLookup::open(arguments);
  if (!lookup) return failed(lookup.error());
  auto queues = (*lookup)->queues(arguments.value("channel"), static_cast<std::size_t>(*rows));
  if (!queues) return failed(queues.error());
  for (const auto& queue : *queues)
    std::printf(
        "%s\n",
        (arguments.has("json") ? config::canonical_json(queue) : queue_text(queue)).c_str());
  if (queues->empty() && !arguments.has("json")) std::printf("nothing waits\n");
  return 0;
}

}  // namespace

int command_queue(const Words& words) {
  auto arguments = Arguments::parse(
      words, {{"data", "database", "channel", "rows", "url", "ca", "destination", "reason",
               "message", "run", "part", "lane-of", "state", "limit", "content"},
              {"help", "dry-run", "json", "all"}});
  if (!arguments) {
    std::fprintf(stderr, "causeway queue: %s\n", arguments.error().str().c_str());
    return usage();
  }
  const auto& given = arguments->words();
  if (given.size() != 1 || arguments->has("help")) return usage();
  if (given[0] == "show") return show(*arguments);
  if (given[0] == "edit") return arguments->has("content") ? edit_in_queue(*arguments) : usage();
  if (given[0] == "hold" || given[0] == "release") return hold_in_queue(given[0], *arguments);
  for (const auto* decision : {"retry", "skip", "mark-delivered", "discard"})
    if (given[0] == decision) return decide_on_queue(decision, *arguments);
  return usage();
}

}  // namespace causeway
