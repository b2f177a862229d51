// /api/users and /api/roles: who there is, and what he may do where.
#include "engine/api/identity_json.h"
#include "engine/api/json_text.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using security::Permission;

/// The identity's errors for what it was asked speak of names and rules alone.
Reply refused(const Error& error) {
  const bool plain = error.kind == ErrorKind::Invalid || error.kind == ErrorKind::Conflict ||
                     error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Limit;
  return plain ? problem(error.kind, error.str()) : problem(error);
}

Reply done_or(const Status& status) {
  return status ? no_content() : refused(status.error());
}

Reply password_reply(const Result<std::string>& password, const std::string& name, int status) {
  if (!password) return refused(password.error());
  JsonText json;
  json.begin_object().member("name", name).member("one_time_password", *password).end_object();
  auto reply = json_reply(json.take(), status);
  if (status == 201) reply.headers.emplace_back("Location", "/api/users/" + name);
  return reply;
}

config::Fields password_fields() {
  return {config::text("name", "The user's name").required(),
          config::text("one_time_password", "Shown once; good for a day, to choose another one")};
}

Result<Reply> list(const Services& services, const Request& request) {
  auto users = services.identity.users();
  if (!users) return users.error();
  std::vector<std::string> items;
  for (const auto& user : *users) items.push_back(user_json(user));
  return page_reply(request, items, "");
}

Result<Reply> show(const Services& services, const Request& request) {
  auto user = services.identity.user(request.path.text("name"));
  if (!user) return refused(user.error());
  return json_reply(user_json(*user));
}

Result<Reply> add(const Services& services, const Request& request) {
  auto grants = read_grants(request.body);
  if (!grants) return refused(grants.error());
  const auto name = request.body.text("name");
  return password_reply(services.identity.add_user(name, *grants), name, 201);
}

Result<Reply> set_grants(const Services& services, const Request& request) {
  auto grants = read_grants(request.body);
  if (!grants) return refused(grants.error());
  return done_or(services.identity.set_grants(request.path.text("name"), *grants));
}

Result<Reply> reset(const Services& services, const Request& request) {
  const auto name = request.path.text("name");
  return password_reply(services.identity.reset_password(name), name, 200);
}

Result<Reply> disable(const Services& services, const Request& request) {
  return done_or(
      services.identity.set_disabled(request.path.text("name"), request.body.boolean("disabled")));
}

Result<Reply> end_sessions(const Services& services, const Request& request) {
  return done_or(services.identity.end_sessions(request.path.text("name")));
}

Reply roles(const Request& request) {
  std::vector<std::string> items;
  for (const auto& role : security::roles()) {
    JsonText json;
    json.begin_object().member("role", role.name).member("doc", role.doc);
    json.key("permissions").begin_list();
    for (const auto permission : role.permissions) json.value(security::to_string(permission));
    items.push_back(json.end_list().end_object().take());
  }
  return page_reply(request, items, "");
}

using Action = Result<Reply> (*)(const Services&, const Request&);

Route user_route(const Services& services, Method method, std::string path, std::string operation,
                 std::string summary, Action action) {
  const bool named = path.find("{name}") != std::string::npos;
  return {
      .method = method,
      .path = std::move(path),
      .operation = std::move(operation),
      .summary = std::move(summary),
      .access = everywhere(Permission::IdentityChange),
      .parameters = named ? config::Fields{config::text("name", "The user's name").required()}
                          : config::Fields{},
      .answer = nothing(),
      .handler = [&services, action](const Request& request) { return action(services, request); }};
}

Route with_body(Route route, config::Fields body) {
  route.body = std::move(body);
  return route;
}

Route answering(Route route, Answer answer) {
  route.answer = std::move(answer);
  return route;
}

}  // namespace

std::vector<Route> user_routes(const Services& services) {
  const auto route = [&services](Method method, const char* path, const char* operation,
                                 const char* summary, Action action) {
    return user_route(services, method, path, operation, summary, action);
  };
  return {
      answering(route(Method::Get, "/api/users", "list_users", "All users", list),
                page_of(user_fields())),
      answering(route(Method::Get, "/api/users/{name}", "show_user", "One user", show),
                object_of(user_fields())),
      answering(with_body(route(Method::Post, "/api/users", "add_user",
                                "A user with a one-time password, which is shown this once", add),
                          {config::text("name", "Letters, digits, '.', '-', '_', '@'").required(),
                           grants_field()}),
                object_of(password_fields(), 201)),
      with_body(route(Method::Put, "/api/users/{name}/grants", "set_grants",
                      "What he may do where, in place of what he might before", set_grants),
                {grants_field()}),
      answering(route(Method::Post, "/api/users/{name}/password", "reset_password",
                      "A one-time password in place of his; his sessions end", reset),
                object_of(password_fields())),
      with_body(route(Method::Put, "/api/users/{name}/disabled", "disable_user",
                      "Whether he can do anything; disabling ends his sessions", disable),
                {config::boolean("disabled", "Can't do anything", true)}),
      route(Method::Delete, "/api/users/{name}/sessions", "end_sessions", "End all his sessions",
            end_sessions),
      {.method = Method::Get,
       .path = "/api/roles",
       .operation = "list_roles",
       .summary = "The roles, and what each may",
       .access = filtered(Permission::Own),
       .answer = page_of({config::text("role", "Its name"), config::text("doc", "Whose it is"),
                          config::text_list("permissions", "What it may")}),
       .handler = [](const Request& request) { return roles(request); }}};
}

}  // namespace causeway::api
