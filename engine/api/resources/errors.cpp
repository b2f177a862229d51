// /api/errors: what fails, grouped by cause. No content of messages: see engine/core/failure.h.
#include "engine/api/json_text.h"
#include "engine/api/message_query.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"

#include <charconv>

namespace causeway::api {
namespace {

using security::Permission;

std::string group_json(Names& names, const FailureGroup& group, std::int64_t open) {
  const auto& cause = group.cause;
  JsonText json;
  json.begin_object().member("id", cause_text(group.id));
  json.member("channel", names.channel(cause.queue.channel));
  json.member("destination", names.destination(cause.queue.destination));
  json.member("kind", to_string(cause.kind));
  if (!cause.stage.empty()) json.member("stage", cause.stage);
  if (!cause.place.empty()) json.member("place", cause.place);
  if (!cause.code.empty()) json.member("code", cause.code);
  json.member("count", group.count).member("open", open);
  json.member("first_seen", group.first_seen).member("last_seen", group.last_seen);
  json.member("first_deployment", group.first_deployment.value);
  json.member("last_deployment", group.last_deployment.value);
  json.member("messages", "/api/messages?cause=" + cause_text(group.id));
  return json.end_object().take();
}

config::Fields group_fields() {
  using config::integer;
  using config::text;
  return {text("id", "The cause's number, 16 digits").required(),
          text("channel", "Its path").required(),
          text("destination", "Its name; \"run\": the channel's scripts"),
          text("kind", "The class of the error"),
          text("stage", "Which stage failed"),
          text("place", "File and line of the script"),
          text("code", "What the destination answered: AE, 422"),
          integer("count", "Failed runs and attempts so far"),
          integer("open", "Messages of these that need attention now; counted up to 10000"),
          text("first_seen", "UTC"),
          text("last_seen", "UTC"),
          integer("first_deployment", "What the channel ran with at the first"),
          integer("last_deployment", "What it ran with at the last"),
          text("messages", "Where its messages are")};
}

/// Where a page ended: "MICROSECONDS-CAUSE".
bool read_place(const std::string& text, FailureStore::Query& query) {
  const auto dash = text.find('-');
  if (dash == std::string::npos) return false;
  std::int64_t at = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + dash, at);
  const auto cause = read_cause(std::string_view(text).substr(dash + 1));
  if (error != std::errc() || end != text.data() + dash || !cause) return false;
  query.before = SystemTime(std::chrono::microseconds(at));
  query.before_id = *cause;
  return true;
}

Result<Reply> list(const Services& services, const Request& request) {
  FailureStore::Query query;
  query.before = services.clock.now() + std::chrono::hours(24);
  query.rows = static_cast<std::size_t>(request.query.integer("limit"));
  const auto after = request.query.text("after");
  if (!after.empty() && !read_place(after, query))
    return problem(ErrorKind::Invalid, "after: no place in this list");
  auto& names = services.reads.names;
  if (auto loaded = names.load(); !loaded) return loaded.error();
  query.channels = names.channels_in(request.query.text("channel"), request.scopes());
  auto groups = services.failures.find(query);
  if (!groups) return groups.error();
  std::vector<std::uint64_t> ids;
  for (const auto& group : *groups) ids.push_back(group.id);
  auto open = services.failures.open(ids);
  if (!open) return open.error();
  std::vector<std::string> items;
  for (std::size_t i = 0; i < groups->size(); ++i)
    items.push_back(group_json(names, (*groups)[i], (*open)[i]));
  if (groups->size() < query.rows) return page_reply(request, items, "");
  const auto& last = groups->back();
  const auto at = last.last_seen.time_since_epoch().count();
  return page_reply(request, items, std::to_string(at) + "-" + cause_text(last.id));
}

Result<FailureGroup> group_of(const Services& services, const Request& request) {
  const auto cause = read_cause(request.path.text("id"));
  if (!cause) return Error{ErrorKind::NotFound, "", "no number of a cause"};
  return services.failures.group(*cause);
}

ChannelOf channel_of_cause(const Services& services) {
  return [&services](const Request& request) -> Result<std::string> {
    auto group = group_of(services, request);
    if (!group) return group.error();
    return services.reads.names.channel(group->cause.queue.channel);
  };
}

Result<Reply> show(const Services& services, const Request& request) {
  auto group = group_of(services, request);
  if (!group) return group.error();
  auto open = services.failures.open({group->id});
  if (!open) return open.error();
  return json_reply(group_json(services.reads.names, *group, open->front()));
}

}  // namespace

std::vector<Route> error_routes(const Services& services) {
  return {{.method = Method::Get,
           .path = "/api/errors",
           .operation = "find_errors",
           .summary = "Why runs and deliveries failed, by cause, the latest first",
           .access = filtered(Permission::MessagesRead),
           .query = with_page({config::text("channel", "This channel, or all in this folder")}),
           .answer = page_of(group_fields()),
           .handler = [&services](const Request& request) { return list(services, request); }},
          {.method = Method::Get,
           .path = "/api/errors/{id}",
           .operation = "show_error",
           .summary = "One cause",
           .access = in_channel(Permission::MessagesRead, channel_of_cause(services)),
           .parameters = {config::text("id", "The cause's number, 16 digits").required()},
           .answer = object_of(group_fields()),
           .handler = [&services](const Request& request) { return show(services, request); }}};
}

}  // namespace causeway::api
