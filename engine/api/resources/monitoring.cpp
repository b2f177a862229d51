// /metrics and /api/monitoring/health.
#include <algorithm>

#include "engine/api/json_text.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

constexpr const char* prometheus_text = "text/plain; version=0.0.4; charset=utf-8";

Reply health(const Services& services) {
  const auto components = services.components();
  const bool ready = std::all_of(components.begin(), components.end(),
                                 [](const Component& each) { return each.good; });
  JsonText json;
  json.begin_object().member("live", true).member("ready", ready);
  json.key("components").begin_list();
  for (const auto& each : components) {
    json.begin_object().member("name", each.name).member("good", each.good);
    json.member("latency_us", each.latency.count());
    if (!each.text.empty()) json.member("text", each.text);
    json.end_object();
  }
  return json_reply(json.end_list().end_object().take(), ready ? 200 : 503);
}

config::Fields health_fields() {
  return {config::boolean("live", "The engine answers", true),
          config::boolean("ready", "Everything it needs is there", true),
          config::object_list("components", "Part by part",
                              {config::text("name", "Which part").required(),
                               config::boolean("good", "Whether it works", true),
                               config::integer("latency_us", "How long it took to answer"),
                               config::text("text", "What is not good")})};
}

}  // namespace

std::vector<Route> monitoring_routes(const Services& services) {
  return {{.method = Method::Get,
           .path = "/api/monitoring/health",
           .operation = "health",
           .summary = "Live, ready, and each component; 503 while it is not ready",
           .access = open_to_all(),
           .answer = object_of(health_fields()),
           .handler = [&services](const Request&) { return health(services); }},
          {.method = Method::Get,
           .path = "/metrics",
           .operation = "metrics",
           .summary = "Metrics in the Prometheus text format",
           .access = everywhere(security::Permission::MonitoringRead),
           .answer = bytes_of(prometheus_text),
           .handler = [&services](const Request&) {
             services.before_metrics();
             Reply reply;
             reply.content_type = prometheus_text;
             reply.body = services.metrics.expose();
             return reply;
           }}};
}

}  // namespace causeway::api
