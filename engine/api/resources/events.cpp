// /api/events: live changes.
#include "engine/api/resources/resources.h"

namespace causeway::api {

std::vector<Route> event_routes(const Services& services) {
  return {
      {.method = Method::Get,
       .path = "/api/events",
       .operation = "follow_events",
       .summary = "Live changes, as server-sent events; \"missed\" says that some are not shown",
       .access = filtered(security::Permission::MonitoringRead),
       .answer = bytes_of("text/event-stream"),
       .handler = [&services](const Request& request) {
         return services.events.listen([caller = request.caller](const std::string& channel) {
           return caller.may(security::Permission::MonitoringRead, channel);
         });
       }}};
}

}  // namespace causeway::api
