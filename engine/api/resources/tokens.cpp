// /api/tokens: for programs. A token is shown once, when it is made.
#include "engine/api/identity_json.h"
#include "engine/api/json_text.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using security::Permission;

constexpr int days_max = 366;

Result<Reply> list(const Services& services, const Request& request) {
  auto tokens = services.identity.tokens();
  if (!tokens) return tokens.error();
  std::vector<std::string> items;
  for (const auto& token : *tokens) items.push_back(token_json(token));
  return page_reply(request, items, "");
}

Result<Reply> add(const Services& services, const Request& request) {
  auto grants = read_grants(request.body);
  if (!grants) return problem(grants.error().kind, grants.error().str());
  const auto days = std::chrono::days(request.body.integer("expires_in_days"));
  auto made = services.identity.add_token(request.caller, request.body.text("name"), *grants,
                                          services.clock.now() + days);
  if (!made && made.error().kind == ErrorKind::Invalid)
    return problem(made.error().kind, made.error().str());
  if (!made) return made.error();
  JsonText json;
  json.begin_object().member("id", made->id.value).member("token", made->token).end_object();
  return created("/api/tokens", json.take());
}

Result<Reply> revoke(const Services& services, const Request& request) {
  auto done = services.identity.revoke_token(TokenId{request.path.integer("id")});
  if (!done) return done.error();
  return no_content();
}

}  // namespace

std::vector<Route> token_routes(const Services& services) {
  return {
      {.method = Method::Get,
       .path = "/api/tokens",
       .operation = "list_tokens",
       .summary = "All tokens, newest first; revoked ones too",
       .access = everywhere(Permission::IdentityChange),
       .answer = page_of(token_fields()),
       .handler = [&services](const Request& request) { return list(services, request); }},
      {.method = Method::Post,
       .path = "/api/tokens",
       .operation = "add_token",
       .summary = "A token, which is shown this once; it never has rights that its maker hasn't",
       .access = everywhere(Permission::IdentityChange),
       .body =
           {config::text("name", "What it is for: letters, digits, '.', '-', '_', '@'").required(),
            grants_field(),
            config::integer("expires_in_days", "From now").between(1, days_max).defaults_to(90)},
       .answer = object_of({config::integer("id", "Its number").required(),
                            config::text("token", "The token").required()},
                           201),
       .handler = [&services](const Request& request) { return add(services, request); }},
      {.method = Method::Delete,
       .path = "/api/tokens/{id}",
       .operation = "revoke_token",
       .summary = "From now on it is good for nothing",
       .access = everywhere(Permission::IdentityChange),
       .parameters = {config::integer("id", "Its number").required()},
       .answer = nothing(),
       .handler = [&services](const Request& request) { return revoke(services, request); }}};
}

}  // namespace causeway::api
