#include "engine/api/message_json.h"

#include "engine/api/json_text.h"
#include "engine/channel/replay_order.h"

namespace causeway::api {
namespace {

void put_flags(JsonText& json, std::uint16_t flags) {
  json.key("flags").begin_list();
  for (const auto& word : flag_words(flags)) json.value(word);
  json.end_list();
}

void put_head(JsonText& json, Names& names, const StoredMessage& message,
              std::uint64_t body_bytes) {
  const auto& arrival = message.arrival;
  json.member("id", to_string(message.id));
  json.member("received_at", arrival.received_at);
  json.member("channel", names.channel(arrival.channel));
  json.member("type", arrival.type);
  json.member("control_id", arrival.control_id);
  json.member("sender", arrival.draft.sender.address);
  json.member("peer", arrival.draft.sender.name);
  json.member("content_type", to_string(arrival.draft.content_type));
  json.member("bytes", body_bytes);
  put_flags(json, arrival.flags);
}

void put_steps(JsonText& json, const store::RunView& run, Content content) {
  json.key("steps").begin_list();
  for (const auto& step : run.steps) {
    json.begin_object().member("stage", step.stage).member("took_us", step.took.count());
    if (content == Content::Shown) json.member("log", step.log);
    if (step.error) json.member("error_kind", to_string(step.error->kind));
    if (step.error && content == Content::Shown) json.member("error", step.error->str());
    json.end_object();
  }
  json.end_list();
}

void put_inputs(JsonText& json, const store::RunView& run, Content content) {
  json.key("inputs").begin_list();
  for (const auto& input : run.inputs) {
    json.begin_object().member("stage", input.stage);
    if (content == Content::Shown) json.member("name", input.name);
    if (content == Content::Shown && input.bytes) json.member("bytes", *input.bytes);
    json.end_object();
  }
  json.end_list();
}

void put_runs(JsonText& json, Names& names, const store::MessageView& view, Content content) {
  json.key("runs").begin_list();
  for (const auto& run : view.runs) {
    json.begin_object().member("run", run.run.value).member("cause", to_string(run.cause));
    json.member("state", to_string(run.state)).member("at", run.at);
    json.member("deployment", run.deployment.value);
    put_steps(json, run, content);
    put_inputs(json, run, content);
    json.key("deliveries").begin_list();
    for (const auto& delivery : run.deliveries) {
      json.begin_object().member("destination", names.destination(delivery.destination));
      json.member("part", delivery.part);
      json.member("bytes", delivery.body_bytes).member("as_received", delivery.same_as_input);
      put_flags(json, delivery.flags);
      const WorkRef work{view.message.id, run.run, delivery.destination, delivery.part};
      if (const auto edit = channel::last_edit(view.attempts, work))
        json.member("edited_as", to_string(edit));
      json.end_object();
    }
    json.end_list().end_object();
  }
  json.end_list();
}

void put_attempts(JsonText& json, Names& names, const store::MessageView& view, Content content) {
  json.key("attempts").begin_list();
  for (const auto& attempt : view.attempts) {
    json.begin_object().member("at", attempt.at).member("run", attempt.work.run.value);
    json.member("destination", names.destination(attempt.work.destination));
    json.member("part", attempt.work.part);
    json.member("event", to_string(attempt.event)).member("attempt", attempt.attempt);
    if (attempt.event == WorkEvent::Settled) json.member("outcome", to_string(attempt.outcome));
    if (attempt.kind != ErrorKind::None) json.member("kind", to_string(attempt.kind));
    if (content == Content::Shown)
      json.member("response", attempt.response).member("text", attempt.text);
    json.end_object();
  }
  json.end_list();
}

void put_replies(JsonText& json, const store::MessageView& view, Content content) {
  json.key("replies").begin_list();
  for (const auto& reply : view.replies) {
    json.begin_object().member("at", reply.at).member("state", to_string(reply.state));
    if (content == Content::Shown) json.member("bytes", reply.bytes);
    json.member("timed_out", reply.timed_out).end_object();
  }
  json.end_list();
}

void put_links(JsonText& json, const store::MessageView& view) {
  json.key("links").begin_list();
  for (const auto& link : view.links) {
    json.begin_object().member("kind", to_string(link.kind));
    json.member(link.up ? "parent" : "child", to_string(link.other)).end_object();
  }
  json.end_list();
}

void put_attention(JsonText& json, Names& names, const store::MessageView& view, Content content) {
  json.key("attention").begin_list();
  for (const auto& row : view.attention) json.raw(attention_json(names, row, content));
  json.end_list();
}

}  // namespace

std::vector<std::string> flag_words(std::uint16_t flags) {
  static constexpr std::pair<std::uint16_t, const char*> words[] = {
      {message_flags::duplicate, "duplicate"},
      {message_flags::suppressed, "suppressed"},
      {message_flags::key_reuse, "control id used before"},
      {message_flags::unreadable, "no readable header"},
      {message_flags::possible_duplicate, "possible duplicate"},
      {message_flags::replay, "replay"},
      {channel::edited_flag, "edit"}};
  std::vector<std::string> found;
  for (auto [flag, word] : words)
    if (flags & flag) found.emplace_back(word);
  return found;
}

std::string attention_json(Names& names, const AttentionRow& row, Content content) {
  JsonText json;
  json.begin_object().member("message", to_string(row.work.message));
  json.member("run", row.work.run.value);
  json.member("destination", names.destination(row.work.destination));
  json.member("part", row.work.part);
  json.member("state", to_string(row.state)).member("outcome", to_string(row.outcome));
  json.member("kind", to_string(row.kind)).member("attempts", row.attempts);
  json.member("since", row.since);
  if (row.state == AttentionState::Waiting) json.member("due", row.due);
  if (content == Content::Shown) json.member("reason", row.reason);
  return json.member("suspect", row.suspect).end_object().take();
}

std::string found_json(Names& names, const store::FoundMessage& found) {
  JsonText json;
  json.begin_object();
  put_head(json, names, found.message, found.body_bytes);
  json.member("state", found.state ? to_string(*found.state) : "waiting");
  return json.member("attention", found.needs_attention).end_object().take();
}

std::string message_json(Names& names, const store::MessageView& view, Content content) {
  JsonText json;
  json.begin_object();
  put_head(json, names, view.message, view.body_bytes);
  if (content == Content::Shown) {
    json.member("body", view.message.arrival.draft.body.view());
    json.member("staged", view.message.arrival.draft.body.is_staged());
  }
  if (view.content_error) json.member("content_error", view.content_error->str());
  put_runs(json, names, view, content);
  put_attempts(json, names, view, content);
  put_replies(json, view, content);
  put_links(json, view);
  put_attention(json, names, view, content);
  return json.end_object().take();
}

}  // namespace causeway::api
