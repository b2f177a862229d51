// /api/messages: what came in, and all that happened to it.
#include "engine/api/json_text.h"
#include "engine/api/message_json.h"
#include "engine/api/message_query.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"
#include "engine/channel/replay_order.h"
#include "engine/core/limits.h"

namespace causeway::api {
namespace {

using security::Permission;

Result<Reply> find(const Services& services, const Request& request) {
  const MessageQuery query{.channel = request.query.text("channel"),
                           .term = request.query.text("term"),
                           .type = request.query.text("type"),
                           .peer = request.query.text("peer"),
                           .states = request.query.text_list("state"),
                           .kinds = request.query.text_list("kind"),
                           .cause = request.query.text("cause"),
                           .from = request.query.text("from"),
                           .to = request.query.text("to"),
                           .after = request.query.text("after"),
                           .scopes = request.scopes()};
  auto search = search_request(services.reads.names, query, services.clock.now());
  // Its errors speak of the query alone.
  if (!search) return problem(search.error().kind, search.error().str());
  search->rows = static_cast<std::size_t>(request.query.integer("limit"));
  auto page = services.reads.search.find(*search);
  if (!page) return page.error();
  std::vector<std::string> items;
  for (const auto& found : page->found) items.push_back(found_json(services.reads.names, found));
  return page_reply(request, items, page->next ? to_string(page->next) : "");
}

ChannelOf channel_of_message(const Services& services) {
  return [&services](const Request& request) -> Result<std::string> {
    auto id = parse_message_id(request.path.text("id"));
    if (!id) return Error{ErrorKind::NotFound, "", "not the number of a message"};
    auto channel = services.reads.messages.channel_of(*id);
    if (!channel) return channel.error();
    return services.reads.names.channel(*channel);
  };
}

Result<Reply> show(const Services& services, const Request& request, Content content) {
  auto view = services.reads.messages.show(*parse_message_id(request.path.text("id")));
  if (!view) return view.error();
  return json_reply(message_json(services.reads.names, *view, content));
}

void stream_body(const Services& services, const Body& body, Stream& stream) {
  for (std::uint64_t at = 0; at < body.size(); at += limits::staged_chunk_bytes) {
    auto chunk = services.reads.read_body(body.staged(), at, limits::staged_chunk_bytes);
    if (!chunk || !stream.write(*chunk)) return;
  }
}

Reply bytes_reply(const Services& services, const Body& stored) {
  Reply reply;
  reply.content_type = "application/octet-stream";
  reply.headers.emplace_back("Content-Disposition", "attachment");
  if (stored.is_staged())
    reply.stream = [&services, stored](Stream& stream) { stream_body(services, stored, stream); };
  else
    reply.body = stored.view();
  return reply;
}

Result<Reply> body(const Services& services, const Request& request) {
  auto message = services.reads.work.message(*parse_message_id(request.path.text("id")));
  if (!message) return message.error();
  return bytes_reply(services, message->arrival.draft.body);
}

/// Of its last run unless another is named; where a person has edited it, that content.
Result<Reply> sent(const Services& services, const Request& request) {
  const auto id = *parse_message_id(request.path.text("id"));
  const auto& query = request.query;
  auto view = services.reads.messages.show(id);
  if (!view) return view.error();
  const auto queue = services.reads.names.queue(request.channel, query.text("destination"));
  if (!queue || !queue->destination)
    return problem(ErrorKind::NotFound, "no such destination in this channel");
  WorkRef work{id, RunNumber{static_cast<std::int16_t>(query.integer("run"))}, queue->destination,
               static_cast<std::uint16_t>(query.integer("part"))};
  if (!query.given("run") && !view->runs.empty()) work.run = view->runs.back().run;
  if (const auto edit = channel::last_edit(view->attempts, work)) {
    auto content = services.reads.work.message(edit);
    if (!content) return content.error();
    return bytes_reply(services, content->arrival.draft.body);
  }
  auto delivery = services.reads.work.delivery(work);
  if (!delivery) return delivery.error();
  return bytes_reply(services, delivery->body);
}

config::Fields id_parameter() {
  return {config::text("id", "The message's number, 13 characters").required()};
}

}  // namespace

std::vector<Route> message_routes(const Services& services) {
  const auto show_with = [&services](Content content) {
    return
        [&services, content](const Request& request) { return show(services, request, content); };
  };
  return {
      {.method = Method::Get,
       .path = "/api/messages",
       .operation = "find_messages",
       .summary = "Messages, newest first; a page may be short, or empty, and still have a next",
       .access = filtered(Permission::MessagesRead),
       .query =
           with_page({config::text("channel", "This channel, or all in this folder"),
                      config::text("term", "One of the channel's search paths: PID-3.1=12345"),
                      config::text("type", "As MSH-9 says: ADT^A01"),
                      config::text("peer", "The sender's proven name, or its address alone"),
                      config::text_list("state", "Any of " + state_words() +
                                                     "; the last six: how its last run ended"),
                      config::text_list("kind", "Why it needs attention, any of " + kind_words()),
                      config::text("cause", "It has failed for this cause of /api/errors"),
                      config::text("from", "Received from: 2026-11-24 or 2026-11-24T17:20:03"),
                      config::text("to", "Received before")}),
       .answer = page_of(found_fields()),
       .handler = [&services](const Request& request) { return find(services, request); }},
      {.method = Method::Get,
       .path = "/api/messages/{id}",
       .operation = "show_message",
       .summary = "One message and all that happened to it, without content",
       .access = in_channel(Permission::MessagesRead, channel_of_message(services)),
       .parameters = id_parameter(),
       .answer = object_of(message_fields(Content::Hidden)),
       .handler = show_with(Content::Hidden)},
      {.method = Method::Get,
       .path = "/api/messages/{id}/content",
       .operation = "show_message_content",
       .summary = "The same with all content: body, script logs, errors, responses, replies",
       .access = in_channel(Permission::BodiesRead, channel_of_message(services)),
       .parameters = id_parameter(),
       .answer = object_of(message_fields(Content::Shown)),
       .handler = show_with(Content::Shown)},
      {.method = Method::Get,
       .path = "/api/messages/{id}/body",
       .operation = "read_body",
       .summary = "Its bytes, as they were received",
       .access = in_channel(Permission::BodiesRead, channel_of_message(services)),
       .parameters = id_parameter(),
       .answer = bytes_of("application/octet-stream"),
       .handler = [&services](const Request& request) { return body(services, request); }},
      {.method = Method::Post,
       .path = "/api/messages/comparisons",
       .operation = "note_comparison",
       .summary =
           "Says that stored messages of a channel are about to be read, past the engine, to "
           "compare a draft with what is deployed: it is in the audit trail",
       .access = in_channel(Permission::BodiesRead,
                            [](const Request& request) -> Result<std::string> {
                              return request.body.text("channel");
                            }),
       .body = {config::text("channel", "Its path").required(),
                config::text("reason", "Which messages, and why")},
       .answer = nothing(),
       .handler = [](const Request&) { return Result<Reply>(no_content()); }},
      {.method = Method::Get,
       .path = "/api/messages/{id}/sent",
       .operation = "read_sent",
       .summary = "What was made of it for one destination, as it is sent",
       .access = in_channel(Permission::BodiesRead, channel_of_message(services)),
       .parameters = id_parameter(),
       .query = {config::text("destination", "Its name").required(),
                 config::integer("run", "By this run; default: the last").between(1, INT16_MAX),
                 config::integer("part", "This part").between(0, UINT16_MAX)},
       .answer = bytes_of("application/octet-stream"),
       .handler = [&services](const Request& request) { return sent(services, request); }}};
}

}  // namespace causeway::api
