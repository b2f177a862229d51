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

/// A message and its content, in as many lines as that takes.
bool write_message(const Services& services, const StoredMessage& message, Stream& stream) {
  const auto channel = services.reads.names.channel(message.arrival.channel);
  const auto& body = message.arrival.draft.body;
  const auto read = [&](std::uint64_t from) -> Result<std::string> {
    if (!body.is_staged()) return std::string(body.view().substr(from, transfer_piece_bytes));
    return services.reads.read_body(body.staged(), from,
                                    static_cast<std::size_t>(std::min<std::uint64_t>(
                                        transfer_piece_bytes, body.size() - from)));
  };
  if (body.empty()) return stream.write(transfer_line(channel, message, std::nullopt) + "\n");
  auto piece = read(0);
  if (!piece) return false;
  if (body.size() <= transfer_piece_bytes)
    return stream.write(transfer_line(channel, message, *piece) + "\n");
  if (!stream.write(transfer_line(channel, message, std::nullopt) + "\n")) return false;
  for (std::uint64_t number = 1; number <= transfer_pieces(body.size()); ++number) {
    piece = read((number - 1) * transfer_piece_bytes);
    if (!piece || !stream.write(transfer_piece_line(message.id, number, *piece) + "\n"))
      return false;
  }
  return true;
}

/// Page by page; what fails in the middle ends the answer, without its last line.
void write_found(const Services& services, store::SearchRequest search, std::int64_t left,
                 Stream& stream) {
  search.rows = 200;
  std::int64_t messages = 0, gone = 0;
  for (bool more = true; more && messages < left;) {
    auto page = services.reads.search.find(search);
    if (!page) return;
    for (const auto& found : page->found) {
      if (messages == left) break;
      if (!write_message(services, found.message, stream)) return;
      ++messages;
      if (found.message.arrival.draft.body.empty()) ++gone;
    }
    more = static_cast<bool>(page->next);
    search.before = page->next;
  }
  stream.write(transfer_end_line(messages, gone) + "\n");
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

std::optional<std::string> offered(const Result<Receipt>& receipt) {
  if (!receipt) return std::string(to_string(receipt.error().kind));
  return receipt->was_there ? std::optional(std::string()) : std::nullopt;
}

/// How one line went: nothing, if it is stored now; "" if it had been before.
std::optional<std::string> bring_in(const Services& services, const std::string& channel,
                                    const std::string& owner, std::string_view line) {
  auto read = read_transfer_line(line);
  if (!read) return read.error().text;
  if (!read->upload.empty()) {
    auto whole = services.uploads.take(owner, read->upload);
    if (!whole) return whole.error().text;
    read->draft.body = std::move(whole->body);
    read->draft.at_hand = std::move(whole->at_hand);
    return offered(services.offer(channel, std::move(read->draft)));
  }
  auto body = services.keep_content(read->content);
  if (!body) return std::string(to_string(body.error().kind));
  read->draft.body = std::move(*body);
  if (read->draft.body.is_staged()) read->draft.at_hand = make_bytes(std::move(read->content));
  return offered(services.offer(channel, std::move(read->draft)));
}

Result<Reply> take_piece(const Services& services, const Request& request) {
  const auto& query = request.query;
  auto added =
      services.uploads.add(request.caller.name, query.text("upload"),
                           static_cast<std::uint64_t>(query.integer("offset")), request.http.body);
  if (!added &&
      (added.error().kind == ErrorKind::Conflict || added.error().kind == ErrorKind::Limit))
    return problem(added.error().kind, added.error().text);  // the words are Uploads' own
  if (!added) return added.error();
  return no_content();
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
    const auto why = bring_in(services, request.channel, request.caller.name, line);
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
       .path = "/api/messages/import/pieces",
       .operation = "import_piece",
       .summary = "A piece of content that is too large for one line of an import, in order; the "
                  "message's line then has \"upload\" in place of its content",
       .access = in_channel(Permission::MessagesExport,
                            [](const Request& request) -> Result<std::string> {
                              return request.query.text("channel");
                            }),
       .query =
           {text("channel", "The path of the channel that it is for").required(),
            text("upload", "A name for all of it, of the caller's choice").required(),
            config::integer("offset", "Where this piece belongs").between(0, INT64_MAX).required()},
       .raw_body = "application/octet-stream",
       .body_bytes_max = 2 * transfer_piece_bytes,
       .answer = nothing(),
       .handler = [&services](const Request& request) { return take_piece(services, request); }},
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
