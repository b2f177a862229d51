#include "engine/api/router.h"

#include <algorithm>
#include <set>

#include "engine/api/parameters.h"
#include "engine/core/check.h"

namespace causeway::api {
namespace {

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

std::string parameter_name(std::string_view segment) {
  return std::string(segment.substr(1, segment.size() - 2));
}

/// Fixed segments sort before parameters, so that "/api/users/self" is found before
/// "/api/users/{id}".
std::vector<bool> parameter_places(const Route& route) {
  std::vector<bool> places;
  const auto target = parse_target(route.path);
  for (const auto& segment : target->segments) places.push_back(is_parameter(segment));
  return places;
}

bool is_json(std::string_view content_type) {
  return content_type.substr(0, content_type.find(';')) == "application/json";
}

/// Whether the body came as what the route reads; a request without one needs no type.
bool body_is_as_declared(const Route& route, const HttpRequest& http) {
  if (http.body.empty()) return true;
  const auto type = http.header("content-type");
  if (!route.raw_body.empty()) return true;
  return route.body.empty() || is_json(type);
}

}  // namespace

Router::Router(std::vector<Route> routes, Audit audit)
    : routes_(std::move(routes)), audit_(std::move(audit)) {
  std::stable_sort(routes_.begin(), routes_.end(), [](const Route& left, const Route& right) {
    return parameter_places(left) < parameter_places(right);
  });
  std::set<std::string> operations;
  for (const auto& route : routes_) {
    CHECK(operations.insert(route.operation).second);
    Pattern pattern{parse_target(route.path)->segments};
    std::size_t named = 0;
    for (const auto& segment : pattern.segments) {
      if (!is_parameter(segment)) continue;
      ++named;
      CHECK(std::any_of(route.parameters.begin(), route.parameters.end(), [&](const auto& field) {
        return field.name() == parameter_name(segment);
      }));
    }
    CHECK(named == route.parameters.size());
    CHECK(route.handler != nullptr);
    CHECK(route.access.rule() != Access::Rule::InChannel || route.access.channel_of());
    patterns_.push_back(std::move(pattern));
  }
}

bool Router::matches(const Pattern& pattern, const std::vector<std::string>& segments) {
  if (pattern.segments.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (is_parameter(pattern.segments[i]) ? segments[i].empty()
                                          : pattern.segments[i] != segments[i])
      return false;
  }
  return true;
}

const Route* Router::find(std::string_view method, const std::vector<std::string>& segments) const {
  for (std::size_t i = 0; i < routes_.size(); ++i)
    if (to_string(routes_[i].method) == method && matches(patterns_[i], segments))
      return &routes_[i];
  return nullptr;
}

Reply Router::refuse_unknown(const std::vector<std::string>& segments) const {
  std::string allowed;
  for (std::size_t i = 0; i < routes_.size(); ++i)
    if (matches(patterns_[i], segments))
      allowed += (allowed.empty() ? "" : ", ") + std::string(to_string(routes_[i].method));
  if (allowed.empty())
    return problem(404, "there is no such resource; /api/openapi.json lists what there is");
  auto reply = problem(405, "this resource knows " + allowed);
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

Reply Router::handle(const HttpRequest& http, const security::Caller& caller) const {
  const auto target = parse_target(http.target);
  if (!target) return problem(400, "the target is too long, or not percent-encoded UTF-8");
  const auto* route = find(http.method, target->segments);
  if (!route) return refuse_unknown(target->segments);
  return handle_route(*route, patterns_[static_cast<std::size_t>(route - routes_.data())], http,
                      caller);
}

// Who may not do this at all learns nothing of what else is wrong with the request.
Reply Router::handle_route(const Route& route, const Pattern& pattern, const HttpRequest& http,
                           const security::Caller& caller) const {
  Request request{route, http, caller, {}, {}, {}, {}};
  const bool is_public = route.access.rule() == Access::Rule::Public;
  if (!is_public && !caller.is_known()) {
    auto reply = problem(401, "a token or a session is needed");
    reply.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"causeway\"");
    return reply;
  }
  if (!is_public && !caller.may_somewhere(route.access.permission())) {
    audit_.denied(request);
    return problem(
        ErrorKind::NotPermitted,
        "this needs the permission " + std::string(security::to_string(route.access.permission())));
  }
  const auto target = parse_target(http.target);
  TextParameters in_path;
  for (std::size_t i = 0; i < pattern.segments.size(); ++i)
    if (is_parameter(pattern.segments[i]))
      in_path.emplace_back(parameter_name(pattern.segments[i]), target->segments[i]);
  if (http.body.size() > route.body_bytes_max)
    return problem(413, "at most " + std::to_string(route.body_bytes_max) + " bytes");
  if (!body_is_as_declared(route, http)) return problem(415, "application/json is needed");

  config::Problems problems;
  request.path = read_texts(route.parameters, in_path, "path", problems);
  request.query = read_texts(route.query, target->query, "query", problems);
  if (route.raw_body.empty() && !route.body.empty())
    request.body = read_body(route.body, http.body, problems);
  if (!problems.empty())
    return problem(ErrorKind::Invalid, "parameters are not as documented", problems);
  if (auto refused = check_access(request)) return std::move(*refused);
  return answer(request);
}

std::optional<Reply> Router::check_access(Request& request) const {
  const auto& access = request.route.access;
  const auto& caller = request.caller;
  if (access.rule() == Access::Rule::Everywhere && !caller.may_everywhere(access.permission())) {
    audit_.denied(request);
    return problem(ErrorKind::NotPermitted,
                   "this is about the whole installation: a grant for a folder is not enough");
  }
  if (access.rule() != Access::Rule::InChannel) return std::nullopt;
  auto channel = access.channel_of()(request);
  if (!channel) return problem(channel.error());
  if (!caller.may(access.permission(), *channel)) {
    audit_.denied(request);
    return problem(Error{ErrorKind::NotFound, "", ""});  // as if it were not there
  }
  request.channel = std::move(*channel);
  return std::nullopt;
}

Reply Router::answer(const Request& request) const {
  const bool audited = request.route.is_audited();
  if (audited)
    if (auto written = audit_.before(request); !written) return problem(written.error());
  auto done = request.route.handler(request);
  auto reply = done ? std::move(*done) : problem(done.error());
  if (audited && reply.status >= 400) audit_.failed(request, reply.status);
  return reply;
}

}  // namespace causeway::api
