// /api/queues: what waits, is held or parked.
#include "engine/api/json_text.h"
#include "engine/api/queue_json.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using security::Permission;

Result<Reply> show(const Services& services, const Request& request, Content content) {
  auto queues = queues_with_work(services.reads,
                                 {.path = request.query.text("channel"),
                                  .scopes = request.scopes(),
                                  .rows = static_cast<std::size_t>(request.query.integer("rows"))});
  if (!queues) return queues.error();
  std::vector<std::string> items;
  for (const auto& queue : *queues)
    items.push_back(queue_json(services.reads.names, queue, content));
  return page_reply(request, items, "");
}

Route route_of(const Services& services, Content content) {
  const bool shown = content == Content::Shown;
  return {.method = Method::Get,
          .path = shown ? "/api/queues/content" : "/api/queues",
          .operation = shown ? "show_queues_content" : "show_queues",
          .summary = shown ? "The same with the reasons in words, which may quote messages"
                           : "Queues with work: what is queued, waits, is held or parked",
          .access = filtered(shown ? Permission::BodiesRead : Permission::QueuesRead),
          .query = {config::text("channel", "This channel, or all in this folder"),
                    config::integer("rows", "With the first so many that need attention, each")
                        .between(0, 1000)
                        .defaults_to(10)},
          .answer = page_of(queue_fields(content)),
          .handler = [&services, content](const Request& request) {
            return show(services, request, content);
          }};
}

}  // namespace

std::vector<Route> queue_routes(const Services& services) {
  return {route_of(services, Content::Hidden), route_of(services, Content::Shown)};
}

}  // namespace causeway::api
