#include "engine/api/admin_api.h"

#include "engine/api/resources/resources.h"
#include "engine/api/target.h"

namespace causeway::api {
namespace {

/// Of a request whose sender isn't known, or that is for nothing there is.
constexpr std::size_t unknown_body_bytes_max = 64 * 1024;

/// The values of the path's parameters, but for the channel, which has a column of its own; or the
/// message that the body names.
std::string target_of(const Request& request) {
  std::string target;
  for (const auto& field : request.route.parameters) {
    const auto text = field.type() == config::FieldType::Integer
                          ? std::to_string(request.path.integer(field.name()))
                          : request.path.text(field.name());
    if (text != request.channel) target += (target.empty() ? "" : " ") + text;
  }
  for (const auto& field : request.route.body)
    if (field.name() == "message" && target.empty()) return request.body.text("message");
  return target;
}

/// What a person gave as "reason", in the body or besides.
std::string reason_of(const Request& request) {
  for (const auto& field : request.route.body)
    if (field.name() == "reason") return request.body.text("reason");
  for (const auto& field : request.route.query)
    if (field.name() == "reason") return request.query.text("reason");
  return {};
}

}  // namespace

AdminApi::AdminApi(const Services& services, std::string local_token)
    : services_(services),
      credentials_(services.identity, std::move(local_token)),
      router_(all_routes(services_), audit()),
      server_(*this, services.log) {}

AdminApi::~AdminApi() {
  stop();
}

Result<int> AdminApi::listen(const Listener& listener) {
  return server_.listen(listener);
}

void AdminApi::stop() {
  server_.stop();
}

// Denied requests may be refused before their parameters are read: they are told by operation
// alone.
Router::Audit AdminApi::audit() {
  return {[this](const Request& request) {
            return services_.audit.write(request.caller, {.action = request.route.operation,
                                                          .channel = request.channel,
                                                          .target = target_of(request),
                                                          .outcome = "begun",
                                                          .reason = reason_of(request),
                                                          .peer = request.http.peer});
          },
          [this](const Request& request, int status) {
            auto written = services_.audit.write(request.caller,
                                                 {.action = request.route.operation,
                                                  .channel = request.channel,
                                                  .target = target_of(request),
                                                  .outcome = "failed " + std::to_string(status),
                                                  .reason = {},
                                                  .peer = request.http.peer});
            if (!written) services_.log.error("audit.not_written", {});
          },
          [this](const Request& request) {
            auto written = services_.audit.write(request.caller, {.action = request.route.operation,
                                                                  .channel = {},
                                                                  .target = {},
                                                                  .outcome = "denied",
                                                                  .reason = {},
                                                                  .peer = request.http.peer});
            if (!written) services_.log.error("audit.not_written", {});
          }};
}

std::size_t AdminApi::body_bytes_max(const HttpRequest& head) {
  const auto target = parse_target(head.target);
  const auto* route = target ? router_.find(head.method, target->segments) : nullptr;
  if (!route || route->body_bytes_max <= unknown_body_bytes_max) return unknown_body_bytes_max;
  if (head.header("content-length").empty() && head.header("transfer-encoding").empty())
    return unknown_body_bytes_max;
  const auto caller = credentials_.caller_of(head);
  return caller && caller->is_known() ? route->body_bytes_max : unknown_body_bytes_max;
}

Reply AdminApi::serve(const HttpRequest& request) {
  auto caller = credentials_.caller_of(request);
  if (!caller) return problem(caller.error());
  const bool changes = request.method != to_string(Method::Get);
  // A new log-in is a change too, but its password is proof enough.
  const bool logs_in = request.target == "/api/session" && request.method == "POST";
  if (changes && !logs_in && !credentials_.may_change(request, *caller))
    return problem(403, "a change by a session needs its X-CSRF-Token");
  return router_.handle(request, *caller);
}

}  // namespace causeway::api
