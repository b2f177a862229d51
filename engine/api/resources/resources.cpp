#include "engine/api/resources/resources.h"

#include "engine/api/openapi.h"

namespace causeway::api {

std::vector<Route> all_routes(const Services& services) {
  std::vector<Route> all;
  for (const auto resource :
       {alert_routes, audit_routes, channel_routes, error_routes, event_routes, hold_routes,
        mending_routes, message_routes, monitoring_routes, queue_routes, replay_routes,
        session_routes, token_routes, transfer_routes, user_routes})
    for (auto& route : resource(services)) all.push_back(std::move(route));
  auto document = std::make_shared<std::string>();
  all.push_back({.method = Method::Get,
                 .path = "/api/openapi.json",
                 .operation = "openapi",
                 .summary = "This document",
                 .access = open_to_all(),
                 .answer = bytes_of("application/json"),
                 .handler = [document](const Request&) { return json_reply(*document); }});
  *document = openapi(all);
  return all;
}

}  // namespace causeway::api
