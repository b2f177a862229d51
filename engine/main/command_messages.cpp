// causeway messages find | show: what came in, and all that happened to it.
#include <cstdio>

#include "engine/core/clock.h"
#include "engine/core/limits.h"
#include "engine/formats/hl7v2/message.h"
#include "engine/main/commands.h"
#include "engine/main/message_text.h"

namespace causeway {
namespace {

constexpr std::size_t limit_max = 100'000;

int usage() {
  std::fprintf(
      stderr,
      "usage: causeway messages find [options]     newest first\n"
      "  --term PATH=VALUE    one of the channel's search paths: PID-3.1=12345\n"
      "  --channel PATH       this channel, or all in this folder\n"
      "  --from, --to TIME    received from, and before: 2026-11-24 or 2026-11-24T17:20:03 (UTC)\n"
      "  --limit N            at most so many (50)\n"
      "  --json               one JSON object a line\n"
      "       causeway messages show ID [options]    one message and all that happened to it\n"
      "  --body               its bytes alone, as they were received\n"
      "  --json               as one JSON object\n%s",
      std::string(Installation::options_help).c_str());
  return 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway messages: %s\n", error.str().c_str());
  return 1;
}

Result<store::SearchRequest> request_of(const Arguments& arguments,
                                        const Installation& installation) {
  store::SearchRequest request;
  request.to = MachineClock().now() + std::chrono::hours(24);
  if (arguments.has("from")) {
    auto time = parse_time(arguments.value("from"));
    if (!time) return time.error();
    request.from = *time;
  }
  if (arguments.has("to")) {
    auto time = parse_time(arguments.value("to"));
    if (!time) return time.error();
    request.to = *time;
  }
  if (arguments.has("channel")) {
    const auto wanted = arguments.value("channel");
    for (const auto& [id, path] : installation.channels())
      if (path == wanted || path.starts_with(wanted + "/")) request.channels.push_back(id);
    if (request.channels.empty())
      return Error{ErrorKind::NotFound, wanted, "no channel has this path, or is in this folder"};
  }
  if (arguments.has("term")) {
    const auto term = arguments.value("term");
    const auto equals = term.find('=');
    auto path = hl7v2::parse_path(term.substr(0, equals));
    if (!path) return path.error();
    if (equals == std::string::npos || equals + 1 == term.size())
      return Error{ErrorKind::Invalid, term, "a term is PATH=VALUE"};
    const auto value = term.substr(equals + 1, limits::search_value_bytes);
    request.term = SearchTerm{hl7v2::to_string(*path), value};
    request.verify = [path = *path, value](const StoredMessage& message) {
      for (auto found :
           hl7v2::peek_all(message.arrival.draft.body.view(), path, limits::search_terms_max))
        if (found.substr(0, limits::search_value_bytes) == value) return true;
      return message.arrival.draft.body.is_staged();
    };
  }
  return request;
}

int find(const Arguments& arguments) {
  auto limit = arguments.number("limit", 50);
  if (!limit || *limit < 1 || *limit > static_cast<long long>(limit_max)) return usage();
  auto installation = Installation::open(arguments);
  if (!installation) return failed(installation.error());
  auto request = request_of(arguments, **installation);
  if (!request) return failed(request.error());
  const bool json = arguments.has("json");
  const auto wanted = static_cast<std::size_t>(*limit);
  auto left = wanted;
  do {
    request->rows = std::min(left, store::SearchRequest::rows_max);
    auto page = (*installation)->store().search().find(*request);
    if (!page) return failed(page.error());
    for (const auto& found : page->found)
      std::printf(
          "%s\n",
          (json ? found_json(**installation, found) : found_line(**installation, found)).c_str());
    left -= std::min(left, page->found.size());
    request->before = page->next;
  } while (left > 0 && request->before);
  if (left == wanted)
    std::fprintf(stderr, "nothing found%s\n",
                 request->term ? "; only what a channel's \"search\" lists can be found by" : "");
  else if (!json && request->before)
    std::fprintf(stderr, "(there are more: --limit)\n");
  return 0;
}

int show(const Arguments& arguments) {
  auto id = parse_message_id(arguments.words()[1]);
  if (!id) return failed({id.error().kind, arguments.words()[1], id.error().text});
  auto installation = Installation::open(arguments);
  if (!installation) return failed(installation.error());
  auto& store = (*installation)->store();
  auto view = store.messages().show(*id);
  if (!view) return failed(view.error());
  auto& body = view->message.arrival.draft.body;
  if (!arguments.has("body")) {
    auto text = arguments.has("json") ? message_json(**installation, *view) + "\n"
                                      : message_text(**installation, *view);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
  }
  if (view->content_error) return failed(*view->content_error);
  if (!body.is_staged()) {
    std::fwrite(body.view().data(), 1, body.view().size(), stdout);
    return 0;
  }
  for (std::uint64_t at = 0; at < body.size(); at += limits::staged_chunk_bytes) {
    auto chunk = store.read_body(body.staged(), at, limits::staged_chunk_bytes);
    if (!chunk) return failed(chunk.error());
    std::fwrite(chunk->data(), 1, chunk->size(), stdout);
  }
  return 0;
}

}  // namespace

int command_messages(const Words& words) {
  auto arguments = Arguments::parse(
      words,
      {{"data", "database", "term", "channel", "from", "to", "limit"}, {"json", "body", "help"}});
  if (!arguments) {
    std::fprintf(stderr, "causeway messages: %s\n", arguments.error().str().c_str());
    return usage();
  }
  const auto& given = arguments->words();
  if (given.size() == 1 && given[0] == "find" && !arguments->has("help")) return find(*arguments);
  if (given.size() == 2 && given[0] == "show" && !arguments->has("help")) return show(*arguments);
  return usage();
}

}  // namespace causeway
