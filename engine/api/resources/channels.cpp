// /api/channels and /api/deployments: what runs, what ran before, and changes to both.
#include "engine/api/json_text.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using channel::Change;
using channel::Force;
using security::Permission;

std::string event_of(const std::string& channel) {
  return JsonText().begin_object().member("channel", channel).end_object().take();
}

constexpr std::size_t deploy_bytes_max = config::json_bytes_max;

/// Its texts are of the configuration alone, but for what the store says of itself.
Reply failed(const Error& error) {
  const bool ours = error.kind == ErrorKind::Conflict || error.kind == ErrorKind::NotFound ||
                    error.kind == ErrorKind::Invalid || error.kind == ErrorKind::Limit;
  return ours ? problem(error.kind, error.str()) : problem(error);
}

Force force_of(const config::Parsed& parsed) {
  return parsed.boolean("force") ? Force::Yes : Force::No;
}

channel::Who who(const Request& request, std::string comment = {}) {
  return {request.caller.name, std::move(comment)};
}

config::Field path_parameter() {
  return config::text("path", "The channel's path: \"lab/oru_in\", with its slashes escaped")
      .required();
}

config::Fields part_fields() {
  return {config::text("name", "\"source\", or the destination's name"),
          config::choice("state", "How it is", {"started", "paused", "stopped", "failed"}),
          config::text("why", "Why it is not started"),
          config::text("address", "Where it listens or sends to"),
          config::integer("queued", "Open deliveries"),
          config::boolean("more_on_disk", "There are more than those counted", false)};
}

config::Fields view_fields() {
  return {config::text("path", "The channel"),
          config::choice("state", "How it is", {"started", "paused", "stopped", "failed"}),
          config::text("why", "Why it has failed"),
          config::integer("revision", "What is deployed"),
          config::text("author", "Who deployed it"),
          config::text("comment", "And why"),
          config::text("deployed_at", "And when"),
          config::integer("received", "Messages since the engine started"),
          config::integer("received_per_minute", "Of late"),
          config::text("last_received", "When the newest came; not given: none since the start"),
          config::text("oldest_waiting", "The oldest message with open work"),
          config::integer("queued_runs", "Messages not run yet"),
          config::boolean("more_runs_on_disk", "There are more than those counted", false),
          config::object_list("parts", "Its source and its destinations", part_fields())};
}

void write_part(JsonText& json, const channel::PartView& part) {
  json.begin_object().member("name", part.name).member("state", to_string(part.state));
  if (!part.why.empty()) json.member("why", part.why);
  json.member("address", part.address)
      .member("queued", part.queued)
      .member("more_on_disk", part.more_on_disk)
      .end_object();
}

std::string view_json(const channel::ChannelView& view) {
  JsonText json;
  json.begin_object().member("path", view.path).member("state", to_string(view.state));
  if (!view.why.empty()) json.member("why", view.why);
  json.member("revision", view.revision)
      .member("author", view.author)
      .member("comment", view.comment)
      .member("deployed_at", view.deployed_at)
      .member("received", view.received)
      .member("received_per_minute", static_cast<std::int64_t>(view.received_per_minute + 0.5));
  if (view.last_received != SystemTime{}) json.member("last_received", view.last_received);
  if (view.oldest_waiting) json.member("oldest_waiting", to_string(view.oldest_waiting));
  json.member("queued_runs", view.queued_runs).member("more_runs_on_disk", view.more_runs_on_disk);
  json.key("parts").begin_list();
  for (const auto& part : view.parts) write_part(json, part);
  return json.end_list().end_object().take();
}

config::Fields result_fields() {
  return {
      config::text("path", "The channel"),
      config::choice("change", "What became of it", {"unchanged", "added", "changed", "refused"}),
      config::integer("revision", "What is deployed now"),
      config::text_list("problems", "Why it was refused"),
      config::text_list("notes", "What changes of its ends")};
}

void write_result(JsonText& json, const channel::DeployResult& result) {
  json.begin_object()
      .member("path", result.path)
      .member("change", to_string(result.change))
      .member("revision", result.revision);
  json.key("problems").begin_list();
  for (const auto& text : result.problems) json.value(text);
  json.end_list().key("notes").begin_list();
  for (const auto& text : result.notes) json.value(text);
  json.end_list().end_object();
}

/// The files of one channel of a body; nullopt: they are not texts by name.
std::optional<std::map<std::string, std::string>> files_in(const config::Value& value) {
  if (!value.object()) return std::nullopt;
  std::map<std::string, std::string> files;
  for (const auto& [name, text] : *value.object()) {
    if (!text.string()) return std::nullopt;
    files.emplace(name, *text.string());
  }
  return files;
}

Result<Reply> deploy(const Services& services, const Request& request) {
  std::vector<channel::ChannelFiles> channels;
  std::vector<channel::DeployResult> results;
  for (const auto& each : request.body.object_list("channels")) {
    auto path = each.text("path");
    auto files = files_in(each.raw("files"));
    if (!files) return problem(ErrorKind::Invalid, "files: expected texts by their names");
    if (request.sees(path)) {
      channels.push_back({std::move(path), std::move(*files)});
      continue;
    }
    results.push_back({std::move(path), Change::Refused, 0, {"not permitted"}, {}});
  }
  const auto dry = request.body.boolean("dry_run") ? channel::Dry::Yes : channel::Dry::No;
  for (auto& result :
       services.channels.deploy(std::move(channels), who(request, request.body.text("comment")),
                                dry, force_of(request.body)))
    results.push_back(std::move(result));
  JsonText json;
  json.begin_object().key("results").begin_list();
  for (const auto& result : results) {
    write_result(json, result);
    if (result.change == Change::Added || result.change == Change::Changed)
      services.events.publish({"deployment.changed", result.path, event_of(result.path)});
  }
  return json_reply(json.end_list().end_object().take());
}

Result<Reply> list(const Services& services, const Request& request) {
  std::vector<std::string> items;
  for (const auto& view : services.channels.list())
    if (request.sees(view.path)) items.push_back(view_json(view));
  return page_reply(request, items, "");
}

Result<Reply> show(const Services& services, const Request& request) {
  auto view = services.channels.show(request.path.text("path"));
  if (!view) return failed(view.error());
  return json_reply(view_json(*view));
}

config::Fields history_fields() {
  return {config::integer("deployment", "Its number"),
          config::integer("revision", "What was deployed; 0: it was undeployed"),
          config::integer("parent", "The revision that was deployed when this one was made"),
          config::text("hash", "Of the revision's files"),
          config::text("author", "Who did it"),
          config::text("comment", "Why"),
          config::text("at", "When")};
}

Result<Reply> history(const Services& services, const Request& request) {
  const auto limit = static_cast<std::size_t>(request.query.integer("limit"));
  const auto after = request.query.text("after");
  if (after.size() > 9 || after.find_first_not_of("0123456789") != std::string::npos)
    return problem(ErrorKind::Invalid, "after: not the number of a deployment");
  const auto before = after.empty() ? 0 : std::stoi(after);
  auto past = services.channels.history(request.path.text("path"), before, limit);
  if (!past) return failed(past.error());
  std::vector<std::string> items;
  for (const auto& each : *past) {
    JsonText json;
    json.begin_object()
        .member("deployment", each.deployment)
        .member("revision", each.revision)
        .member("parent", each.parent)
        .member("hash", each.hash)
        .member("author", each.author)
        .member("comment", each.comment)
        .member("at", each.at);
    items.push_back(json.end_object().take());
  }
  return page_reply(request, items,
                    past->size() == limit ? std::to_string(past->back().deployment) : "");
}

Result<Reply> files(const Services& services, const Request& request) {
  auto found = services.channels.files(
      request.path.text("path"), static_cast<std::int32_t>(request.query.integer("revision")));
  if (!found) return failed(found.error());
  JsonText json;
  json.begin_object().member("path", found->path).key("files").begin_object();
  for (const auto& [name, text] : found->files) json.member(name, text);
  return json_reply(json.end_object().end_object().take());
}

Result<Reply> roll_back(const Services& services, const Request& request) {
  const auto path = request.path.text("path");
  auto result = services.channels.roll_back(
      path, static_cast<std::int32_t>(request.body.integer("revision")),
      who(request, request.body.text("comment")), force_of(request.body));
  if (result.change != Change::Refused)
    services.events.publish({"deployment.changed", path, event_of(path)});
  JsonText json;
  write_result(json, result);
  return json_reply(json.take());
}

Result<Reply> undeploy(const Services& services, const Request& request) {
  const auto path = request.path.text("path");
  auto done = services.channels.undeploy(path, who(request, request.query.text("comment")),
                                         force_of(request.query));
  if (!done) return failed(done.error());
  services.events.publish({"deployment.changed", path, event_of(path)});
  return no_content();
}

Result<Reply> switch_part(const Services& services, const Request& request) {
  const auto path = request.path.text("path");
  const auto word = request.body.text("state");
  const auto to = word == "started"  ? channel::PartState::Started
                  : word == "paused" ? channel::PartState::Paused
                                     : channel::PartState::Stopped;
  auto done = services.channels.switch_part(path, request.body.text("part"), to, who(request),
                                            force_of(request.body));
  if (!done) return failed(done.error());
  services.events.publish({"channel.switched", path, event_of(path)});
  return show(services, request);
}

std::vector<Route> reading(const Services& services) {
  return {{.method = Method::Get,
           .path = "/api/channels",
           .operation = "list_channels",
           .summary = "The deployed channels, how they are and what waits",
           .access = filtered(Permission::ChannelsRead),
           .answer = page_of(view_fields()),
           .handler = [&services](const Request& request) { return list(services, request); }},
          {.method = Method::Get,
           .path = "/api/channels/{path}",
           .operation = "show_channel",
           .summary = "One deployed channel",
           .access = in_channel(Permission::ChannelsRead, "path"),
           .parameters = {path_parameter()},
           .answer = object_of(view_fields()),
           .handler = [&services](const Request& request) { return show(services, request); }},
          {.method = Method::Get,
           .path = "/api/channels/{path}/deployments",
           .operation = "list_deployments",
           .summary = "What was deployed, newest first",
           .access = in_channel(Permission::ChannelsRead, "path"),
           .parameters = {path_parameter()},
           .query = with_page({}),
           .answer = page_of(history_fields()),
           .handler = [&services](const Request& request) { return history(services, request); }},
          {.method = Method::Get,
           .path = "/api/channels/{path}/files",
           .operation = "show_channel_files",
           .summary = "The files of a revision",
           .access = in_channel(Permission::ChannelsRead, "path"),
           .parameters = {path_parameter()},
           .query = {config::integer("revision", "Its number; 0: of what is deployed")
                         .between(0, INT32_MAX)
                         .defaults_to(0)},
           .answer = object_of({config::text("path", "The channel"),
                                config::any("files", "Their texts by their names")}),
           .handler = [&services](const Request& request) { return files(services, request); }}};
}

config::Field comment_field() {
  return config::text("comment", "Why; kept with the deployment");
}

config::Field force_field(const char* doc) {
  return config::boolean("force", doc, false);
}

std::vector<Route> changing(const Services& services) {
  const char* const parks =
      "Also if a destination is removed that has open deliveries: they are parked";
  return {
      {.method = Method::Post,
       .path = "/api/deployments",
       .operation = "deploy_channels",
       .summary = "Deploys what differs from what runs; each channel by itself, all or nothing",
       .access = filtered(Permission::ChannelsDeploy),
       .body =
           {config::object_list(
                "channels", "What is to run",
                {config::text("path", "The channel").required(),
                 config::any("files", "Texts by name: \"channel.json\" and scripts").required()})
                .required(),
            comment_field(), config::boolean("dry_run", "Check, and change nothing", false),
            force_field(parks)},
       .body_bytes_max = deploy_bytes_max,
       .answer = object_of({config::object_list("results", "Of each channel", result_fields())}),
       .handler = [&services](const Request& request) { return deploy(services, request); }},
      {.method = Method::Post,
       .path = "/api/channels/{path}/rollback",
       .operation = "roll_back_channel",
       .summary = "Deploys an earlier revision",
       .access = in_channel(Permission::ChannelsDeploy, "path"),
       .parameters = {path_parameter()},
       .body = {config::integer("revision", "Its number").between(1, INT32_MAX).required(),
                comment_field(), force_field(parks)},
       .answer = object_of(result_fields()),
       .handler = [&services](const Request& request) { return roll_back(services, request); }},
      {.method = Method::Delete,
       .path = "/api/channels/{path}",
       .operation = "undeploy_channel",
       .summary = "Stops a channel and takes it out; its messages and revisions stay",
       .access = in_channel(Permission::ChannelsDeploy, "path"),
       .parameters = {path_parameter()},
       .query = {comment_field(),
                 force_field("Also with open work, which goes on when it is deployed again")},
       .answer = nothing(),
       .handler = [&services](const Request& request) { return undeploy(services, request); }},
      {.method = Method::Post,
       .path = "/api/channels/{path}/state",
       .operation = "switch_channel",
       .summary = "Starts, pauses or stops a channel or a part of it, until told otherwise",
       .access = in_channel(Permission::ChannelsControl, "path"),
       .parameters = {path_parameter()},
       .body = {config::text("part", "\"source\" or a destination's name; empty: the channel"),
                config::choice("state", "What it is to be", {"started", "paused", "stopped"})
                    .required(),
                force_field("Also if another channel hops to it, or it to one that is stopped")},
       .answer = object_of(view_fields()),
       .handler = [&services](const Request& request) { return switch_part(services, request); }}};
}

}  // namespace

std::vector<Route> channel_routes(const Services& services) {
  auto routes = reading(services);
  for (auto& route : changing(services)) routes.push_back(std::move(route));
  return routes;
}

}  // namespace causeway::api
