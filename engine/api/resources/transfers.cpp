// /api/messages/export and /import: messages taken out in bulk, and brought in.
#include "engine/api/json_text.h"
#include "engine/api/message_query.h"
#include "engine/api/message_transfer.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using security::Permission;

constexpr std::int64_t export_max = 1'000'000;
constexpr std::size_t import_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t refusals_max = 100;  ///< Told; the others are counted.

std::optional<std::string> content_of(const Services& services, const Body& body) {
  if (body.empty() || body.size() > transfer_body_bytes_max) return std::nullopt;
  if (!body.is_staged()) return std::string(body.view());
  auto bytes = services.reads.read_body(body.staged(), 0, static_cast<std::size_t>(body.size()));
  if (!bytes) return std::nullopt;
  return std::move(*bytes);
}

/// Page by page; what fails in the middle ends the answer.
void write_found(const Services& services, store::SearchRequest search, std::int64_t left,
                 Stream& stream) {
  search.rows = 200;
  while (left > 0) {
    auto page = services.reads.search.find(search);
    if (!page) return;
    for (const auto& found : page->found) {
      if (left-- == 0) return;
      const auto content = content_of(services, found.message.arrival.draft.body);
      if (!stream.write(transfer_line(services.reads.names.channel(found.message.arrival.channel),
                                      found.message, content) +
                        "\n"))
        return;
    }
    if (!page->next) return;
    search.before = page->next;
  }
}

Result<Reply> give_out(const Services& services, const Request& request) {
  const auto& query = request.query;
  MessageQuery wanted;
  for (auto [name, to] : {std::pair("channel", &wanted.channel),
                          {"term", &wanted.term},
                          {"type", &wanted.type},
                          {"peer", &wanted.peer},
                          {"cause", &wanted.cause},
                          {"from", &wanted.from},
                          {"to", &wanted.to}})
    *to = query.text(name);
  wanted.states = query.text_list("state");
  wanted.kinds = query.text_list("kind");
  wanted.scopes = request.scopes();
  auto search = search_request(services.reads.names, wanted, services.clock.now());
  if (!search) return problem(search.error().kind, search.error().str());
  Reply reply;
  reply.content_type = "application/x-ndjson";
  reply.stream = [&services, search = *search, limit = query.integer("limit")](Stream& stream) {
    write_found(services, search, limit, stream);
  };
  return reply;
}

/// How one line went: nothing, if it is stored now; "" if it had been before.
std::optional<std::string> bring_in(const Services& services, const std::string& channel,
                                    std::string_view line) {
  auto read = read_transfer_line(line);
  if (!read) return read.error().text;
  auto body = services.keep_content(read->content);
  if (!body) return std::string(to_string(body.error().kind));
  read->draft.body = std::move(*body);
  if (read->draft.body.is_staged()) read->draft.at_hand = make_bytes(std::move(read->content));
  auto receipt = services.offer(channel, std::move(read->draft));
  if (!receipt) return std::string(to_string(receipt.error().kind));
  return receipt->was_there ? std::optional(std::string()) : std::nullopt;
}

Result<Reply> take_in(const Services& services, const Request& request) {
  std::int64_t stored = 0, there = 0, refused = 0, number = 0;
  JsonText refusals;
  refusals.begin_list();
  for (std::string_view rest = request.http.body; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    if (line.empty()) continue;
    const auto why = bring_in(services, request.channel, line);
    if (!why)
      ++stored;
    else if (why->empty())
      ++there;
    else if (++refused <= static_cast<std::int64_t>(refusals_max))
      refusals.begin_object().member("line", number).member("why", *why).end_object();
  }
  JsonText json;
  json.begin_object().member("stored", stored).member("there", there).member("refused", refused);
  json.key("refusals").raw(refusals.end_list().take());
  return json_reply(json.end_object().take());
}

}  // namespace

std::vector<Route> transfer_routes(const Services& services) {
  using config::text;
  using config::text_list;
  return {
      {.method = Method::Get,
       .path = "/api/messages/export",
       .operation = "export_messages",
       .summary = "Messages with their content, newest first, one JSON object a line",
       .access = filtered(Permission::MessagesExport),
       .query =
           {text("channel", "This channel, or all in this folder"),
            text("term", "One of the channel's search paths: PID-3.1=12345"),
            text("type", "As MSH-9 says: ADT^A01"),
            text("peer", "The sender's proven name, or its address alone"),
            text_list("state", "Any of " + state_words()),
            text_list("kind", "Why it needs attention, any of " + kind_words()),
            text("cause", "It has failed for this cause of /api/errors"),
            text("from", "Received from: 2026-11-24 or 2026-11-24T17:20:03"),
            text("to", "Received before"),
            config::integer("limit", "At most so many").between(1, export_max).defaults_to(1000)},
       .answer = bytes_of("application/x-ndjson"),
       .handler = [&services](const Request& request) { return give_out(services, request); }},
      {.method = Method::Post,
       .path = "/api/messages/import",
       .operation = "import_messages",
       .summary = "Offers exported messages to a channel, as if they came now; each only once",
       .access = in_channel(Permission::MessagesExport,
                            [](const Request& request) -> Result<std::string> {
                              return request.query.text("channel");
                            }),
       .query = {text("channel", "Its path").required(),
                 text("reason", "Why: kept in the audit trail").required()},
       .raw_body = "application/x-ndjson",
       .body_bytes_max = import_bytes_max,
       .answer = object_of({config::integer("stored", "So many are messages now").required(),
                            config::integer("there", "So many had been brought in before"),
                            config::integer("refused", "So many were not taken"),
                            config::object_list("refusals", "The first of those",
                                                {config::integer("line", "From 1"),
                                                 text("why", "In words, or the class")})}),
       .handler = [&services](const Request& request) { return take_in(services, request); }}};
}

}  // namespace causeway::api
