// /api/session: log in, see who one is, change one's password, log out.
#include <atomic>

#include "engine/api/credentials.h"
#include "engine/api/identity_json.h"
#include "engine/api/json_text.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using security::Permission;

/// Each takes memory and a thread while it is checked.
constexpr int log_ins_at_once_max = 6;

std::string caller_json(const security::Caller& caller, const std::string& csrf_token) {
  static constexpr std::string_view proofs[] = {"none", "local", "session", "token"};
  JsonText json;
  json.begin_object().member("name", caller.name);
  json.member("proof", proofs[static_cast<std::size_t>(caller.proof)]);
  json.member("must_change_password", caller.must_change_password);
  json.key("grants").raw(grants_json(caller.grants));
  json.key("permissions").begin_list();
  for (const auto& entry : security::permissions())
    if (caller.may_somewhere(entry.permission)) json.value(entry.name);
  json.end_list();
  if (!csrf_token.empty()) json.member("csrf_token", csrf_token);
  return json.end_object().take();
}

config::Fields caller_fields() {
  return {config::text("name", "Who").required(),
          config::text("proof", "How he proved it: session, token, local"),
          config::boolean("must_change_password", "May do nothing else before", false),
          grants_field(),
          config::text_list("permissions", "What he may do somewhere"),
          config::text("csrf_token", "Of a session: changes show it as X-CSRF-Token")};
}

void audit_log_in(const Services& services, const Request& request, const std::string& name,
                  const std::string& outcome) {
  // What was typed as a name may be a password: only a user's name is written down.
  const bool known = services.identity.user(name).ok();
  auto written = services.audit.write({}, {.action = "log_in",
                                           .channel = {},
                                           .target = known ? name : "unknown",
                                           .outcome = outcome,
                                           .reason = {},
                                           .peer = request.http.peer});
  if (!written) services.log.error("audit.not_written", {{"action", "log_in"}});
}

Reply too_often(const Services& services, const std::string& name) {
  auto reply = problem(429, "too many log-ins failed");
  const auto wait = services.identity.locked_until(name) - services.clock.now();
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  reply.headers.emplace_back("Retry-After", std::to_string(std::max<long long>(seconds, 1)));
  return reply;
}

Result<Reply> log_in(const Services& services, const Request& request) {
  const auto name = request.body.text("name");
  auto done = services.identity.log_in(name, request.body.text("password"),
                                       cookie(request.http, session_cookie), request.http.peer);
  if (!done && done.error().kind == ErrorKind::Limit) {
    audit_log_in(services, request, name, "locked");
    return too_often(services, name);
  }
  if (!done && done.error().kind == ErrorKind::NotPermitted) {
    audit_log_in(services, request, name, "failed");
    return problem(401, "no such user, or another password");
  }
  if (!done) return done.error();
  audit_log_in(services, request, name, "done");
  auto reply =
      json_reply(caller_json(done->caller, services.identity.csrf_token(done->session_secret)));
  reply.headers.emplace_back("Set-Cookie",
                             session_cookie_header(done->session_secret, request.http.sealed_wire));
  return reply;
}

Result<Reply> log_out(const Services& services, const Request& request) {
  if (auto done = services.identity.log_out(request.caller); !done) return done.error();
  auto reply = no_content();
  reply.headers.emplace_back("Set-Cookie", session_cookie_header("", request.http.sealed_wire));
  return reply;
}

Result<Reply> change_password(const Services& services, const Request& request) {
  if (request.caller.proof != security::Proof::Session)
    return problem(ErrorKind::Conflict, "only who has logged in changes his password");
  auto done = services.identity.change_password(request.caller, request.body.text("old_password"),
                                                request.body.text("new_password"));
  if (!done && done.error().kind == ErrorKind::Limit)
    return too_often(services, request.caller.name);
  if (!done &&
      (done.error().kind == ErrorKind::Invalid || done.error().kind == ErrorKind::NotPermitted))
    return problem(done.error().kind, done.error().str());  // the policy's words, no password
  if (!done) return done.error();
  return no_content();
}

Result<Reply> own_sessions(const Services& services, const Request& request) {
  auto sessions = services.identity.sessions_of(request.caller);
  if (!sessions) return sessions.error();
  std::vector<std::string> items;
  for (const auto& session : *sessions)
    items.push_back(session_json(session, request.caller.session));
  return page_reply(request, items, "");
}

std::string own_csrf_token(const Services& services, const Request& request) {
  if (request.caller.proof != security::Proof::Session) return {};
  return services.identity.csrf_token(cookie(request.http, session_cookie));
}

}  // namespace

std::vector<Route> session_routes(const Services& services) {
  auto in_progress = std::make_shared<std::atomic<int>>(0);
  const auto bounded_log_in = [&services, in_progress](const Request& request) -> Result<Reply> {
    const bool room = ++*in_progress <= log_ins_at_once_max;
    auto reply = room ? log_in(services, request) : problem(429, "too many log in at once");
    --*in_progress;
    return reply;
  };
  return {
      {.method = Method::Post,
       .path = "/api/session",
       .operation = "log_in",
       .summary = "Begin a session: a cookie, and a token that changes must show besides",
       .access = open_to_all(),
       .body = {config::text("name", "The user's name").required(),
                config::text("password", "His password").required()},
       .answer = object_of(caller_fields()),
       .handler = bounded_log_in},
      {.method = Method::Get,
       .path = "/api/session",
       .operation = "show_session",
       .summary = "Who I am, and what I may",
       .access = filtered(Permission::Own),
       .answer = object_of(caller_fields()),
       .handler =
           [&services](const Request& request) {
             return json_reply(caller_json(request.caller, own_csrf_token(services, request)));
           }},
      {.method = Method::Delete,
       .path = "/api/session",
       .operation = "log_out",
       .summary = "End the session that asks",
       .access = filtered(Permission::Own),
       .answer = nothing(),
       .handler = [&services](const Request& request) { return log_out(services, request); }},
      {.method = Method::Put,
       .path = "/api/session/password",
       .operation = "change_password",
       .summary = "Change one's own password; all other sessions end",
       .access = filtered(Permission::Own),
       .body = {config::text("old_password", "The present one").required(),
                config::text("new_password", "At least 12 characters").required()},
       .answer = nothing(),
       .handler =
           [&services](const Request& request) { return change_password(services, request); }},
      {.method = Method::Get,
       .path = "/api/session/all",
       .operation = "list_sessions",
       .summary = "One's own sessions",
       .access = filtered(Permission::Own),
       .answer = page_of(session_fields()),
       .handler = [&services](const Request& request) { return own_sessions(services, request); }}};
}

}  // namespace causeway::api
