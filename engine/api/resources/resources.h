// The list of resources: one file each, and one line each here. Routes keep a reference to the
// services they are made with.
#pragma once

#include "engine/api/route.h"
#include "engine/api/services.h"

namespace causeway::api {

std::vector<Route> alert_routes(const Services& services);    ///< /api/alerts
std::vector<Route> audit_routes(const Services& services);    ///< /api/audit
std::vector<Route> channel_routes(const Services& services);  ///< /api/channels, /api/deployments
std::vector<Route> error_routes(const Services& services);    ///< /api/errors
std::vector<Route> event_routes(const Services& services);    ///< /api/events
std::vector<Route> hold_routes(const Services& services);     ///< /api/queues/holds, releases
std::vector<Route> mending_routes(const Services& services);  ///< /api/queues/decisions
std::vector<Route> message_routes(const Services& services);  ///< /api/messages
std::vector<Route> monitoring_routes(const Services& services);  ///< /metrics, /api/monitoring
std::vector<Route> queue_routes(const Services& services);       ///< /api/queues
std::vector<Route> replay_routes(const Services& services);      ///< /api/replays
std::vector<Route> session_routes(const Services& services);     ///< /api/session
std::vector<Route> token_routes(const Services& services);       ///< /api/tokens
std::vector<Route> transfer_routes(const Services& services);    ///< /api/messages/export, import
std::vector<Route> user_routes(const Services& services);        ///< /api/users, /api/roles

/// All of them, and /api/openapi.json, which describes them.
std::vector<Route> all_routes(const Services& services);

}  // namespace causeway::api
