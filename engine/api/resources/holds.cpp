// /api/queues/holds and /api/queues/releases: a person stops a lane or a queue, and lets it go.
#include "engine/api/json_text.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using channel::HoldSelection;
using security::Permission;

config::Fields body_fields(bool release) {
  config::Fields fields{
      config::text("channel", "The channel's path").required(),
      config::text("destination", "The destination's name, or \"run\" for the channel's runs")
          .required(),
      config::text("lane_of",
                   "The lanes of this message, which is or was in the channel; none: "
                   "the whole queue"),
      config::text("reason", "Why: kept in the audit trail").required()};
  if (release) fields.push_back(config::boolean("all", "All that is held in the queue", false));
  return fields;
}

Result<Reply> answer(const Result<std::vector<HeldLane>>& lanes) {
  if (!lanes &&
      (lanes.error().kind == ErrorKind::NotFound || lanes.error().kind == ErrorKind::Conflict ||
       lanes.error().kind == ErrorKind::Limit))
    return problem(lanes.error().kind, lanes.error().text);  // the words are Holding's own
  if (!lanes) return lanes.error();
  JsonText json;
  json.begin_object().member("lanes", static_cast<std::int64_t>(lanes->size()));
  return json_reply(json.end_object().take());
}

Result<Reply> change(const Services& services, const Request& request, bool release) {
  const auto& body = request.body;
  const auto queue = services.reads.names.queue(request.channel, body.text("destination"));
  if (!queue) return problem(ErrorKind::NotFound, "no such destination in this channel");
  HoldSelection selection;
  selection.queue = *queue;
  if (body.given("lane_of")) {
    const auto id = parse_message_id(body.text("lane_of"));
    if (!id) return problem(ErrorKind::Invalid, "lane_of: no number of a message");
    selection.lane_of = *id;
  }
  if (!release)
    return answer(services.holding.hold(selection, request.caller.name, body.text("reason"),
                                        services.clock.now()));
  selection.all = body.boolean("all");
  if (selection.all && selection.lane_of)
    return problem(ErrorKind::Invalid, "all, or the lanes of one message: not both");
  return answer(services.holding.let_go(selection));
}

Route route_of(const Services& services, bool release) {
  return {.method = Method::Post,
          .path = release ? "/api/queues/releases" : "/api/queues/holds",
          .operation = release ? "release_lanes" : "hold_lanes",
          .summary = release ? "What a person has held goes on"
                             : "Stops lanes, or a whole queue, until they are released: what is "
                               "under way ends, nothing else is begun, also after a restart",
          .access = in_channel(Permission::QueuesMend,
                               [](const Request& request) -> Result<std::string> {
                                 return request.body.text("channel");
                               }),
          .body = body_fields(release),
          .answer = object_of({config::integer("lanes", "So many").required()}),
          .handler = [&services, release](const Request& request) {
            return change(services, request, release);
          }};
}

}  // namespace

std::vector<Route> hold_routes(const Services& services) {
  return {route_of(services, false), route_of(services, true)};
}

}  // namespace causeway::api
