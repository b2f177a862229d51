// /api/queues/decisions: a person lets go, skips, or closes what waits, is held or parked.
#include "engine/api/json_text.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using channel::MendingResult;
using channel::MendingSelection;
using channel::MendingVerb;
using security::Permission;

constexpr MendingVerb verbs[] = {MendingVerb::Retry, MendingVerb::Skip, MendingVerb::MarkDelivered,
                                 MendingVerb::Discard};
constexpr AttentionState states[] = {AttentionState::Held, AttentionState::Parked,
                                     AttentionState::Waiting, AttentionState::Behind};

template <class Word, std::size_t n>
std::vector<std::string> words_of(const Word (&all)[n]) {
  std::vector<std::string> words;
  for (auto word : all) words.emplace_back(to_string(word));
  return words;
}

template <class Word, std::size_t n>
Word word_named(const Word (&all)[n], std::string_view name) {
  for (auto word : all)
    if (to_string(word) == name) return word;
  return all[0];
}

std::vector<std::string> with_any(std::vector<std::string> words) {
  words.insert(words.begin(), "any");
  return words;
}

config::Fields body_fields() {
  return {config::text("channel", "The channel's path").required(),
          config::text("destination", "The destination's name, or \"run\" for the channel's runs")
              .required(),
          config::choice("decision", "What is to be done", words_of(verbs)).required(),
          config::text("reason", "Why: kept in the history of each").required(),
          config::text("message", "This message alone, by its number"),
          config::integer("run", "This run alone").between(1, INT16_MAX),
          config::integer("part", "This part alone").between(0, UINT16_MAX),
          config::text("lane_of", "All in a lane with this message"),
          config::choice("state", "Only what is in this state; any: held, parked, or waiting",
                         with_any(words_of(states))),
          config::integer("limit", "At most so many").between(1, 10'000).defaults_to(1000),
          config::boolean("dry_run", "Only say what it would be about", false)};
}

void add_work(JsonText& json, const WorkRef& work, std::string_view refused) {
  json.begin_object()
      .member("message", to_string(work.message))
      .member("run", work.run.value)
      .member("part", work.part);
  if (!refused.empty()) json.member("refused", refused);
  json.end_object();
}

std::string result_json(const MendingResult& result) {
  JsonText json;
  json.begin_object()
      .member("done", static_cast<std::int64_t>(result.done.size()))
      .member("refused", static_cast<std::int64_t>(result.refused.size()))
      .member("more", result.more)
      .key("items")
      .begin_list();
  for (const auto& work : result.done) add_work(json, work, "");
  for (const auto& refusal : result.refused) add_work(json, refusal.work, refusal.error.text);
  return json.end_list().end_object().take();
}

Result<Reply> decide(const Services& services, const Request& request) {
  const auto& body = request.body;
  MendingSelection selection;
  auto queue = services.reads.names.queue(request.channel, body.text("destination"));
  if (!queue) return problem(ErrorKind::NotFound, "no such destination in this channel");
  selection.queue = *queue;
  for (auto [name, to] :
       {std::pair("message", &selection.message), std::pair("lane_of", &selection.lane_of)}) {
    if (!body.given(name)) continue;
    auto id = parse_message_id(body.text(name));
    if (!id) return problem(ErrorKind::Invalid, std::string(name) + ": no number of a message");
    *to = *id;
  }
  if (body.given("run")) selection.run = RunNumber{static_cast<std::int16_t>(body.integer("run"))};
  if (body.given("part")) selection.part = static_cast<std::uint16_t>(body.integer("part"));
  if (body.text("state") != "any") selection.states = {word_named(states, body.text("state"))};
  selection.rows_max = static_cast<std::size_t>(body.integer("limit"));
  const auto verb = word_named(verbs, body.text("decision"));
  const auto reason = request.caller.name + ": " + body.text("reason");
  auto result = body.boolean("dry_run") ? services.mending.select(selection)
                                        : services.mending.decide(selection, verb, reason);
  if (!result && result.error().kind == ErrorKind::Invalid)
    return problem(ErrorKind::Invalid, "a run is not delivered: retry or discard it");
  if (!result && result.error().kind == ErrorKind::NotFound)
    return problem(ErrorKind::NotFound, selection.lane_of
                                            ? "no such message waits, is held or parked here"
                                            : "the channel does not run");
  if (!result) return result.error();
  return json_reply(result_json(*result));
}

Result<Reply> edit(const Services& services, const Request& request) {
  const auto& query = request.query;
  auto queue = services.reads.names.queue(request.channel, query.text("destination"));
  if (!queue) return problem(ErrorKind::NotFound, "no such destination in this channel");
  auto id = parse_message_id(query.text("message"));
  if (!id) return problem(ErrorKind::Invalid, "message: no number of a message");
  if (request.http.body.empty()) return problem(ErrorKind::Invalid, "the new content is the body");
  MendingSelection selection;
  selection.queue = *queue;
  selection.message = *id;
  if (query.given("run"))
    selection.run = RunNumber{static_cast<std::int16_t>(query.integer("run"))};
  if (query.given("part")) selection.part = static_cast<std::uint16_t>(query.integer("part"));
  auto content = services.keep_content(request.http.body);
  if (!content) return content.error();
  const auto reason = request.caller.name + ": " + query.text("reason");
  auto edited = services.mending.edit(selection, std::move(*content), reason, services.clock.now());
  if (!edited &&
      (edited.error().kind == ErrorKind::NotFound || edited.error().kind == ErrorKind::Conflict))
    return problem(edited.error().kind, edited.error().text);  // the words are Mending's own
  if (!edited) return edited.error();
  JsonText json;
  json.begin_object()
      .member("message", to_string(edited->work.message))
      .member("run", edited->work.run.value)
      .member("part", edited->work.part)
      .member("content", to_string(edited->content));
  return json_reply(json.end_object().take());
}

Route edit_route(const Services& services) {
  return {.method = Method::Post,
          .path = "/api/queues/edits",
          .operation = "edit_in_queue",
          .summary =
              "Gives one piece of work that is held, parked or waiting another content, and "
              "lets it go in its place",
          .access = in_channel(Permission::MessagesEdit,
                               [](const Request& request) -> Result<std::string> {
                                 return request.query.text("channel");
                               }),
          .query = {config::text("channel", "The channel's path").required(),
                    config::text("destination",
                                 "Its name: what is sent is edited; or \"run\": what "
                                 "goes through the channel")
                        .required(),
                    config::text("message", "Its number").required(),
                    config::integer("run", "This run").between(1, INT16_MAX),
                    config::integer("part", "This part").between(0, UINT16_MAX),
                    config::text("reason", "Why: kept in its history").required()},
          .raw_body = "application/octet-stream",
          .answer = object_of(
              {config::text("message", "Whose work it is").required(),
               config::integer("run", "Which run of it"), config::integer("part", "Which part"),
               config::text("content", "The message that the content has become").required()}),
          .handler = [&services](const Request& request) { return edit(services, request); }};
}

}  // namespace

std::vector<Route> mending_routes(const Services& services) {
  return {edit_route(services),
          {.method = Method::Post,
           .path = "/api/queues/decisions",
           .operation = "decide_on_queue",
           .summary = "Retries, skips, or closes what waits, is held or parked in one queue",
           .access = in_channel(Permission::QueuesMend,
                                [](const Request& request) -> Result<std::string> {
                                  return request.body.text("channel");
                                }),
           .body = body_fields(),
           .answer = object_of({config::integer("done", "So many were").required(),
                                config::integer("refused", "So many were not").required(),
                                config::boolean("more", "There are more than the limit", false),
                                config::any("items", "Each: message, run, part, and why if not")}),
           .handler = [&services](const Request& request) { return decide(services, request); }}};
}

}  // namespace causeway::api
