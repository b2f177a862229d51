// /api/replays: stored messages sent through their channels once more.
#include "engine/api/json_text.h"
#include "engine/api/problem.h"
#include "engine/api/replay_json.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using security::Permission;

constexpr std::size_t refusals_shown = 100;
constexpr const char* decisions[] = {"pause", "resume", "cancel"};

/// The channel of the message that is named, or the channel or folder that is.
ChannelOf channel_of_request(const Services& services) {
  return [&services](const Request& request) -> Result<std::string> {
    if (!request.body.given("message")) return request.body.text("channel");
    auto id = parse_message_id(request.body.text("message"));
    if (!id) return Error{ErrorKind::NotFound, "", "not the number of a message"};
    auto channel = services.reads.messages.channel_of(*id);
    if (!channel) return channel.error();
    return services.reads.names.channel(*channel);
  };
}

Result<ReplayTask> task_of(const Services& services, const Request& request) {
  return services.replays.tasks.task(ReplayId{request.path.integer("id")});
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

ChannelOf channel_of_task(const Services& services) {
  return [&services](const Request& request) -> Result<std::string> {
    auto task = task_of(services, request);
    if (!task) return task.error();
    return task->channel;
  };
}

/// What else than replaying this needs.
std::optional<Reply> forbidden(const Request& request, Permission permission) {
  if (request.caller.may(permission, request.channel)) return std::nullopt;
  return problem(ErrorKind::NotPermitted,
                 "needs the permission " + std::string(security::to_string(permission)));
}

Result<Reply> begin(const Services& services, const Request& request, ReplayPlan plan,
                    std::int64_t per_second, std::string reason) {
  ReplayTask task;
  task.channel = request.channel;
  task.created_by = request.caller.name;
  task.created_at = services.clock.now();
  task.per_second = per_second;
  task.plan = std::move(plan);
  task.plan.reason = std::move(reason);
  auto id = services.replays.tasks.add(task);
  if (!id) return id.error();
  task.id = *id;
  services.replays.wake();
  return created("/api/replays/" + std::to_string(id->value), replay_json(task, {}, true));
}

Result<Reply> start(const Services& services, const Request& request) {
  auto plan = plan_of(request.body, services.clock.now());
  if (!plan) return problem(plan.error().kind, plan.error().str());
  if (plan->messages.empty()) {
    auto search =
        search_request(services.reads.names, query_of(request.body), services.clock.now());
    if (!search) return problem(search.error().kind, search.error().str());
  }
  return begin(services, request, std::move(*plan), request.body.integer("per_second"),
               request.body.text("reason"));
}

/// One message with another content than what came.
Result<Reply> edit(const Services& services, const Request& request) {
  if (request.http.body.empty()) return problem(ErrorKind::Invalid, "the new content is the body");
  ReplayPlan plan;
  plan.messages = {*parse_message_id(request.path.text("id"))};
  plan.destinations = request.query.text_list("destinations");
  plan.content = make_bytes(request.http.body);
  plan.edited = true;
  return begin(services, request, std::move(plan), 0, request.query.text("reason"));
}
Result<Reply> list(const Services& services, const Request& request) {
  ReplayId before;
  const auto after = request.query.text("after");
  if (!after.empty()) {
    if (after.find_first_not_of("0123456789") != std::string::npos || after.size() > 18)
      return problem(ErrorKind::Invalid, "after: no number of a replay");
    before.value = std::stoll(after);
  }
  const auto rows = static_cast<std::size_t>(request.query.integer("limit"));
  auto tasks = services.replays.tasks.tasks(before, rows);
  if (!tasks) return tasks.error();
  std::vector<std::string> items;
  for (const auto& task : *tasks)
    if (request.sees(task.channel)) items.push_back(replay_json(task, {}, false));
  return page_reply(request, items,
                    tasks->size() < rows ? "" : std::to_string(tasks->back().id.value));
}

Result<Reply> show(const Services& services, const Request& request) {
  auto task = task_of(services, request);
  if (!task) return task.error();
  auto refusals = services.replays.tasks.refusals(task->id, refusals_shown);
  if (!refusals) return refusals.error();
  return json_reply(replay_json(*task, *refusals, true));
}

Result<Reply> decide(const Services& services, const Request& request) {
  using S = ReplayState;
  auto task = task_of(services, request);
  if (!task) return task.error();
  const auto decision = request.body.text("decision");
  std::vector<S> from{S::Collecting, S::Running};
  auto to = S::Paused;
  if (decision == "resume") {
    from = {S::Paused};
    to = task->was_collecting ? S::Collecting : S::Running;
  } else if (decision == "cancel") {
    from = {S::Collecting, S::Running, S::Paused};
    to = S::Cancelled;
  }
  auto changed = services.replays.tasks.change_state(task->id, from, to, services.clock.now());
  if (!changed && changed.error().kind == ErrorKind::Conflict)
    return problem(ErrorKind::Conflict, "it is " + std::string(to_string(task->state)));
  if (!changed) return changed.error();
  services.replays.wake();
  return show(services, request);
}

Result<std::vector<MessageId>> tried_messages(const Services& services, const Request& request,
                                              const ReplayPlan& plan) {
  if (!plan.messages.empty()) return plan.messages;
  auto search = search_request(services.reads.names, query_of(request.body), services.clock.now());
  if (!search) return search.error();
  search->rows = static_cast<std::size_t>(request.body.integer("limit"));
  auto page = services.reads.search.find(*search);
  if (!page) return page.error();
  std::vector<MessageId> messages;
  for (const auto& found : page->found)
    if (messages.size() < search->rows) messages.push_back(found.message.id);
  return messages;
}

Result<Reply> try_out(const Services& services, const Request& request) {
  if (auto refused = forbidden(request, Permission::BodiesRead)) return std::move(*refused);
  auto plan = plan_of(request.body, services.clock.now());
  if (!plan) return problem(plan.error().kind, plan.error().str());
  auto messages = tried_messages(services, request, *plan);
  if (!messages) return problem(messages.error().kind, "the selection can't be read");
  std::vector<std::string> items;
  for (const auto id : *messages) {
    auto trial = services.replays.try_run(id, *plan);
    if (!trial) trial = Trial{id, RunState::Failed, {}, trial.error(), {}};
    items.push_back(trial_json(*trial));
  }
  return page_reply(request, items, "");
}

config::Fields with(config::Fields fields, config::Fields more) {
  for (auto& field : more) fields.push_back(std::move(field));
  return fields;
}

config::Fields id_parameter() {
  return {config::integer("id", "The replay's number").between(1, INT64_MAX).required()};
}

}  // namespace

std::vector<Route> replay_routes(const Services& services) {
  return {
      {.method = Method::Post,
       .path = "/api/replays",
       .operation = "start_replay",
       .summary = "Sends stored messages through their channels once more, as a task",
       .access = in_channel(Permission::MessagesReplay, channel_of_request(services)),
       .body = with(replay_request_fields(),
                    {config::integer("per_second", "At most so many; 0: as fast as they are taken")
                         .between(0, limits::replay_per_second_max),
                     config::text("reason", "Why: kept in the history").required()}),
       .answer = object_of(replay_fields(true), 201),
       .handler = [&services](const Request& request) { return start(services, request); }},
      {.method = Method::Post,
       .path = "/api/replays/trial",
       .operation = "try_replay",
       .summary = "A dry run: what would be sent now, beside what was; nothing is stored or sent",
       .access = in_channel(Permission::MessagesReplay, channel_of_request(services)),
       .body =
           with(replay_request_fields(),
                {config::integer("limit", "The newest so many").between(1, 200).defaults_to(20)}),
       .answer = page_of(trial_fields()),
       .handler = [&services](const Request& request) { return try_out(services, request); }},
      {.method = Method::Post,
       .path = "/api/messages/{id}/edits",
       .operation = "edit_message",
       .summary = "Sends another content through the message's channel, linked to it; a replay",
       .access = in_channel(Permission::MessagesEdit, channel_of_message(services)),
       .parameters = {config::text("id", "The message's number, 13 characters").required()},
       .query = {config::text_list("destinations", "Only to these; none: to all"),
                 config::text("reason", "Why: kept in the history").required()},
       .raw_body = "application/octet-stream",
       .answer = object_of(replay_fields(true), 201),
       .handler = [&services](const Request& request) { return edit(services, request); }},
      {.method = Method::Get,
       .path = "/api/replays",
       .operation = "list_replays",
       .summary = "Replays, newest first",
       .access = filtered(Permission::MessagesRead),
       .query = with_page({}),
       .answer = page_of(replay_fields(false)),
       .handler = [&services](const Request& request) { return list(services, request); }},
      {.method = Method::Get,
       .path = "/api/replays/{id}",
       .operation = "show_replay",
       .summary = "One replay: how far it has come, and what was refused",
       .access = in_channel(Permission::MessagesRead, channel_of_task(services)),
       .parameters = id_parameter(),
       .answer = object_of(replay_fields(true)),
       .handler = [&services](const Request& request) { return show(services, request); }},
      {.method = Method::Post,
       .path = "/api/replays/{id}/decisions",
       .operation = "decide_on_replay",
       .summary = "Pauses, resumes or cancels one; what has been replayed stays so",
       .access = in_channel(Permission::MessagesReplay, channel_of_task(services)),
       .parameters = id_parameter(),
       .body = {config::choice("decision", "What is to be done",
                               {decisions, decisions + std::size(decisions)})
                    .required(),
                config::text("reason", "Why")},
       .answer = object_of(replay_fields(true)),
       .handler = [&services](const Request& request) { return decide(services, request); }}};
}

}  // namespace causeway::api
