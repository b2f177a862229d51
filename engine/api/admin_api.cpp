#include "engine/api/admin_api.h"

#include <openssl/crypto.h>

#include "engine/api/resources/resources.h"
#include "engine/api/target.h"

namespace causeway::api {
namespace {

/// Of a request whose sender isn't known, or that is for nothing there is.
constexpr std::size_t unknown_body_bytes_max = 64 * 1024;

bool same_secret(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         ::CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string_view bearer_token(const HttpRequest& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto value = request.header("authorization");
  return value.starts_with(scheme) ? value.substr(scheme.size()) : std::string_view();
}

}  // namespace

AdminApi::AdminApi(const Services& services, std::string local_token)
    : services_(services),
      local_token_(std::move(local_token)),
      router_(all_routes(services_), {[](const Request&) { return Status(Done{}); },
                                      [](const Request&, int) {}, [](const Request&) {}}),
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

security::Caller AdminApi::caller_of(const HttpRequest& request) const {
  if (const auto token = bearer_token(request); same_secret(token, local_token_))
    return {.name = "local",
            .proof = security::Proof::Local,
            .grants = {{security::Role::Administrator, ""}}};
  return {};
}

std::size_t AdminApi::body_bytes_max(const HttpRequest& head) {
  const auto target = parse_target(head.target);
  const auto* route = target ? router_.find(head.method, target->segments) : nullptr;
  if (!route || !caller_of(head).is_known()) return unknown_body_bytes_max;
  return route->body_bytes_max;
}

Reply AdminApi::serve(const HttpRequest& request) {
  return router_.handle(request, caller_of(request));
}

}  // namespace causeway::api
