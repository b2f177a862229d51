#include "engine/api/replay_json.h"

#include "engine/api/json_text.h"
#include "engine/api/time_text.h"

namespace causeway::api {
namespace {

constexpr ReplayThrough throughs[] = {ReplayThrough::Current, ReplayThrough::Original,
                                      ReplayThrough::AsSent};

std::vector<std::string> through_words() {
  std::vector<std::string> words;
  for (auto through : throughs) words.emplace_back(to_string(through));
  return words;
}

bool selects_nothing(const MessageQuery& query) {
  return query.channel.empty() && query.term.empty() && query.type.empty() && query.peer.empty() &&
         query.states.empty() && query.kinds.empty() && query.cause.empty() && query.from.empty() &&
         query.to.empty();
}

}  // namespace

config::Fields replay_request_fields() {
  using config::text;
  using config::text_list;
  return {text("message", "This message alone, by its number; or all that these find:"),
          text("channel", "This channel, or all in this folder"),
          text("term", "One of the channel's search paths: PID-3.1=12345"),
          text("type", "As MSH-9 says: ADT^A01"),
          text("peer", "The sender's proven name, or its address alone"),
          text_list("state", "Any of " + state_words()),
          text_list("kind", "Why it needs attention, any of " + kind_words()),
          text("cause", "They have failed for this cause of /api/errors"),
          text("from", "Received from: 2026-11-24 or 2026-11-24T17:20:03"),
          text("to", "Received before; default: now"),
          config::choice("through",
                         "What they go through: what is deployed when each runs; what they went "
                         "through the last time; or nothing, and what was made then is sent again",
                         through_words()),
          text_list("destinations", "Only to these; empty: to all"),
          config::integer("part", "As sent: this part alone").between(0, UINT16_MAX)};
}

MessageQuery query_of(const config::Parsed& body) {
  MessageQuery query;
  query.channel = body.text("channel");
  query.term = body.text("term");
  query.type = body.text("type");
  query.peer = body.text("peer");
  query.states = body.text_list("state");
  query.kinds = body.text_list("kind");
  query.cause = body.text("cause");
  query.from = body.text("from");
  query.to = body.text("to");
  return query;
}

Result<ReplayPlan> plan_of(const config::Parsed& body, SystemTime now) {
  ReplayPlan plan;
  for (auto through : throughs)
    if (to_string(through) == body.text("through")) plan.through = through;
  plan.destinations = body.text_list("destinations");
  if (body.given("part")) plan.part = static_cast<std::uint16_t>(body.integer("part"));
  if (plan.part && (plan.through != ReplayThrough::AsSent || plan.destinations.size() != 1))
    return Error{ErrorKind::Invalid, "part", "is one of what was sent to one destination"};
  auto query = query_of(body);
  if (body.given("message")) {
    auto id = parse_message_id(body.text("message"));
    if (!id) return Error{ErrorKind::Invalid, "message", "is no number of a message"};
    plan.messages = {*id};
  } else if (selects_nothing(query)) {
    return Error{ErrorKind::Invalid, "", "say which messages: one, or what finds them"};
  }
  if (query.to.empty()) query.to = iso_time(now);
  if (plan.messages.empty()) plan.selection = query_text(query);
  return plan;
}

std::string replay_json(const ReplayTask& task, const std::vector<ReplayRefusal>& refusals,
                        bool with_plan) {
  JsonText json;
  json.begin_object().member("id", task.id.value).member("state", to_string(task.state));
  json.member("channel", task.channel).member("created_by", task.created_by);
  json.member("created_at", task.created_at);
  if (is_over(task.state)) json.member("ended_at", task.ended_at);
  json.member("per_second", task.per_second);
  json.member("total", task.total).member("done", task.done).member("refused", task.refused);
  if (with_plan) {
    json.member("through", to_string(task.plan.through));
    json.member("edited", task.plan.edited);
    json.key("destinations").begin_list();
    for (const auto& destination : task.plan.destinations) json.value(destination);
    json.end_list().key("refusals").begin_list();
    for (const auto& [message, kind] : refusals)
      json.begin_object()
          .member("message", to_string(message))
          .member("kind", to_string(kind))
          .end_object();
    json.end_list();
  }
  return json.end_object().take();
}

config::Fields replay_fields(bool with_plan) {
  using config::integer;
  using config::text;
  config::Fields fields = {
      integer("id", "Its number").required(),
      text("state", "collecting, running, paused, done, cancelled, failed").required(),
      text("channel", "The channel or folder that it is about; empty: all"),
      text("created_by", "Who started it"),
      text("created_at", "UTC"),
      text("ended_at", "UTC"),
      integer("per_second", "At most so many a second; 0: as fast as the channels take them"),
      integer("total", "Messages found so far"),
      integer("done", "Replayed"),
      integer("refused", "That could not be")};
  if (!with_plan) return fields;
  for (auto& field :
       config::Fields{text("through", "current, original, as_sent"),
                      config::boolean("edited", "With another content", false),
                      config::text_list("destinations", "Only to these"),
                      config::object_list("refusals", "The first of those refused",
                                          {text("message", "Its number"), text("kind", "Why")})})
    fields.push_back(field);
  return fields;
}

std::string trial_json(const Trial& trial) {
  JsonText json;
  json.begin_object().member("message", to_string(trial.message));
  json.member("state", to_string(trial.state));
  if (trial.before) json.member("before", to_string(*trial.before));
  if (trial.error) json.member("kind", to_string(trial.error->kind));
  if (trial.error) json.member("error", trial.error->str());
  json.key("deliveries").begin_list();
  for (const auto& delivery : trial.deliveries) {
    json.begin_object().member("destination", delivery.destination).member("part", delivery.part);
    json.member("was_sent", delivery.was_sent).member("is_now", delivery.is_now);
    json.key("differences").begin_list();
    for (const auto& [place, sent, now] : delivery.differences)
      json.begin_object()
          .member("place", place)
          .member("sent", sent)
          .member("now", now)
          .end_object();
    json.end_list().end_object();
  }
  return json.end_list().end_object().take();
}

config::Fields trial_fields() {
  using config::text;
  return {text("message", "Its number").required(),
          text("state", "How the run would end").required(),
          text("before", "How its last run ended"),
          text("kind", "Why it would fail"),
          text("error", "The same in words"),
          config::object_list(
              "deliveries", "What would be sent, and what was",
              {text("destination", "Its name"), config::integer("part", "Which of several to it"),
               config::boolean("was_sent", "There was one the last time", false),
               config::boolean("is_now", "There would be one", false),
               config::object_list("differences", "None: it is the same",
                                   {text("place", "PID-3.1, /id, line 3"),
                                    text("sent", "As it was; empty: it was not there"),
                                    text("now", "As it would be")})})};
}

}  // namespace causeway::api
