// causeway messages find | show: what came in, and all that happened to it.
#include <cstdio>

#include "engine/api/json_text.h"
#include "engine/api/target.h"
#include "engine/config/revision_hash.h"
#include "engine/main/api_client.h"
#include "engine/main/commands.h"
#include "engine/main/message_as_test.h"
#include "engine/main/message_lookup.h"
#include "engine/main/message_text.h"
#include "engine/main/message_transfer.h"
#include "engine/store/queries/message_search.h"

namespace causeway {
namespace {

constexpr std::size_t limit_max = 100'000;
constexpr std::size_t event_bytes_max = 64 * 1024;  ///< Of one line of the stream.

int usage() {
  std::fprintf(
      stderr,
      "usage: causeway messages find [options]     newest first\n"
      "  --term PATH=VALUE    one of the channel's search paths: PID-3.1=12345\n"
      "  --channel PATH       this channel, or all in this folder\n"
      "  --type TYPE          as MSH-9 says: ADT^A01\n"
      "  --peer NAME          the sender's proven name, or its address without port\n"
      "  --state STATE        work of it is waiting, trying, held, behind or parked; or how its "
      "last\n"
      "                       run ended: passed, filtered, failed, suppressed, suspect, "
      "discarded;\n"
      "                       may be given several times\n"
      "  --kind CLASS         why it needs attention: script, refused, timed_out, …; likewise\n"
      "  --cause NUMBER       it has failed for this cause of causeway errors\n"
      "  --from, --to TIME    received from, and before: 2026-11-24 or 2026-11-24T17:20:03 (UTC)\n"
      "  --limit N            at most so many (50)\n"
      "  --json               one JSON object a line\n"
      "       causeway messages show ID [options]    one message and all that happened to it\n"
      "  --body               its bytes alone, as they were received\n"
      "  --sent DESTINATION   what is sent there of it alone [--run N] [--part N]\n"
      "  --json               as one JSON object\n"
      "       causeway messages export [options]     with content, one JSON object a line: what "
      "find\n"
      "                       finds, newest first, by the same options; --limit N (1000)\n"
      "  --sealed             under a passphrase: a file that only who knows it can bring in\n"
      "  --passphrase-file F  its first line (default: asked for)\n"
      "       causeway messages export ID --as-test NAME [--into FOLDER] [--mappings FOLDER]\n"
      "                       an HL7 v2 message as a test of the channel in FOLDER (.), with "
      "names,\n"
      "                       numbers, dates, addresses, phones and texts replaced\n"
      "       causeway messages import FILE --channel PATH --reason TEXT\n"
      "                       offers what was exported to a channel, as if it came now; each\n"
      "                       once; a sealed file by its passphrase\n"
      "       causeway messages watch [options]      what fails and changes, as it happens\n"
      "  --channel PATH       only of this channel, or of all in this folder\n"
      "  --count N            end after so many\n"
      "  --json               one JSON object a line\n"
      "%s"
      "  --database URL       read the PostgreSQL that the site runs, past the engine\n",
      std::string(ApiClient::options_help).c_str());
  return 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway messages: %s\n", error.str().c_str());
  return 1;
}

int find(const Arguments& arguments) {
  auto limit = arguments.number("limit", 50);
  if (!limit || *limit < 1 || *limit > static_cast<long long>(limit_max)) return usage();
  auto lookup = MessageLookup::open(arguments);
  if (!lookup) return failed(lookup.error());
  api::MessageQuery query;
  query.channel = arguments.value("channel");
  query.term = arguments.value("term");
  query.from = arguments.value("from");
  query.to = arguments.value("to");
  query.type = arguments.value("type");
  query.peer = arguments.value("peer");
  query.cause = arguments.value("cause");
  query.states = arguments.values("state");
  query.kinds = arguments.values("kind");
  const bool json = arguments.has("json");
  const auto wanted = static_cast<std::size_t>(*limit);
  const auto rows = std::min(wanted, store::SearchRequest::rows_max);
  auto left = wanted;
  MessageLookup::Page page;
  bool more = false;
  do {
    auto next = (*lookup)->find(query, rows, page.next);
    if (!next) return failed(next.error());
    page = std::move(*next);
    more = page.found.size() > left || !page.next.empty();
    for (const auto& found : page.found) {
      if (left == 0) break;
      --left;
      std::printf("%s\n", (json ? config::canonical_json(found) : found_line(found)).c_str());
    }
  } while (left > 0 && !page.next.empty());
  if (left == wanted)
    std::fprintf(
        stderr, "nothing found%s\n",
        query.term.empty() ? "" : "; only what a channel's \"search\" lists can be found by");
  else if (!json && more)
    std::fprintf(stderr, "(there are more: --limit)\n");
  return 0;
}

bool print_piece(std::string_view piece) {
  return std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size();
}

int show_sent(MessageId id, const Arguments& arguments) {
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  auto target = "/api/messages/" + to_string(id) +
                "/sent?destination=" + api::percent_encoded(arguments.value("sent"));
  for (const auto* name : {"run", "part"})
    if (arguments.has(name)) target = api::with_parameter(target, name, arguments.value(name));
  auto done = (*client)->stream(target, print_piece);
  if (!done && done.error().kind == ErrorKind::NotFound)
    return failed(
        {ErrorKind::NotFound, to_string(id), "nothing of it was made for this destination"});
  return done ? 0 : failed(done.error());
}

int show(const Arguments& arguments) {
  auto id = parse_message_id(arguments.words()[1]);
  if (!id) return failed({id.error().kind, arguments.words()[1], id.error().text});
  if (arguments.has("sent")) return show_sent(*id, arguments);
  auto lookup = MessageLookup::open(arguments);
  if (!lookup) return failed(lookup.error());
  if (arguments.has("body")) {
    auto done = (*lookup)->body(*id, print_piece);
    return done ? 0 : failed(done.error());
  }
  auto json = (*lookup)->show(*id);
  if (!json) return failed(json.error());
  if (arguments.has("json")) {
    std::printf("%s\n", json->c_str());
    return 0;
  }
  auto message = config::parse_json(*json, "message");
  if (!message) return failed({message.error().kind, "", message.error().text + "; try --json"});
  const auto text = message_text(*message);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

/// One event of the stream (server-sent events, WHATWG HTML 9.2). False: it is not asked for.
bool print_event(const Arguments& arguments, const std::string& type, const std::string& data) {
  auto value = config::parse_json(data, "event");
  if (type.empty() || !value) return false;
  const auto channel = text_of(*value, "channel"), wanted = arguments.value("channel");
  if (!wanted.empty() && channel != wanted && !channel.starts_with(wanted + "/")) return false;
  if (arguments.has("json")) {
    api::JsonText json;
    json.begin_object().member("event", type).key("data").raw(config::canonical_json(*value));
    std::printf("%s\n", json.end_object().take().c_str());
  } else {
    std::string text = type + "  " + channel;
    for (const auto* name : {"destination", "message", "kind", "cause", "state"})
      if (const auto word = text_of(*value, name); !word.empty()) text += "  " + word;
    std::printf("%s\n", text.c_str());
  }
  std::fflush(stdout);
  return true;
}

int watch(const Arguments& arguments) {
  auto count = arguments.number("count", 0);
  if (!count || *count < 0) return usage();
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  std::string waiting, type, data;
  long long told = 0;
  auto done = (*client)->stream("/api/events", [&](std::string_view piece) {
    waiting += piece;
    for (auto end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n')) {
      const auto line = waiting.substr(0, end);
      waiting.erase(0, end + 1);
      if (line.starts_with("event: ")) type = line.substr(7);
      if (line.starts_with("data: ")) data = line.substr(6);
      if (!line.empty()) continue;
      if (print_event(arguments, std::exchange(type, {}), std::exchange(data, {}))) ++told;
      if (*count > 0 && told == *count) return false;
    }
    return (*count == 0 || told < *count) && waiting.size() < event_bytes_max;
  });
  return done ? 0 : failed(done.error());
}

}  // namespace

int command_messages(const Words& words) {
  auto arguments = Arguments::parse(words, {{"data",
                                             "url",
                                             "ca",
                                             "database",
                                             "term",
                                             "channel",
                                             "type",
                                             "peer",
                                             "state",
                                             "kind",
                                             "cause",
                                             "from",
                                             "to",
                                             "limit",
                                             "count",
                                             "reason",
                                             "passphrase-file",
                                             "sent",
                                             "run",
                                             "part",
                                             "as-test",
                                             "into",
                                             "mappings"},
                                            {"json", "body", "help", "sealed"}});
  if (!arguments) {
    std::fprintf(stderr, "causeway messages: %s\n", arguments.error().str().c_str());
    return usage();
  }
  const auto& given = arguments->words();
  if (given.size() == 1 && given[0] == "find" && !arguments->has("help")) return find(*arguments);
  if (given.size() == 2 && given[0] == "show" && !arguments->has("help")) return show(*arguments);
  if (given.size() == 2 && given[0] == "export" && arguments->has("as-test"))
    return export_as_test(*arguments);
  if (given.size() == 1 && given[0] == "export" && !arguments->has("help"))
    return export_messages(*arguments);
  const bool imports = given.size() == 2 && given[0] == "import" && arguments->has("channel");
  if (imports && arguments->has("reason")) return import_messages(*arguments);
  if (given.size() == 1 && given[0] == "watch" && !arguments->has("help")) return watch(*arguments);
  return usage();
}

}  // namespace causeway
