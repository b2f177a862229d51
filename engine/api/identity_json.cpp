#include "engine/api/identity_json.h"

#include "engine/api/json_text.h"
#include "engine/security/identity.h"

namespace causeway::api {
namespace {

std::vector<std::string> role_names() {
  std::vector<std::string> names;
  for (const auto& role : security::roles()) names.emplace_back(role.name);
  return names;
}

}  // namespace

config::Fields grant_fields() {
  return {config::choice("role", "A role", role_names()),
          config::text("scope", "A folder of channels or one channel; empty: everything")};
}

config::Field grants_field() {
  return config::object_list("grants", "What he may do where", grant_fields());
}

Result<std::vector<security::Grant>> read_grants(const config::Parsed& body) {
  const auto& given = body.object_list("grants");
  if (given.size() > security::grants_max) return Error{ErrorKind::Limit, "grants", "are too many"};
  std::vector<security::Grant> grants;
  for (const auto& each : given) {
    if (!each.given("role")) return Error{ErrorKind::Invalid, "grants", "each needs a role"};
    if (!security::is_scope(each.text("scope")))
      return Error{ErrorKind::Invalid, "grants", "a scope is a path such as lab/oru_in"};
    grants.push_back({*security::parse_role(each.text("role")), each.text("scope")});
  }
  return grants;
}

std::string grants_json(const std::vector<security::Grant>& grants) {
  JsonText json;
  json.begin_list();
  for (const auto& grant : grants)
    json.begin_object()
        .member("role", security::to_string(grant.role))
        .member("scope", grant.scope)
        .end_object();
  return json.end_list().take();
}

std::string user_json(const UserRow& user) {
  JsonText json;
  json.begin_object().member("name", user.name).member("disabled", user.disabled);
  json.member("must_change_password", user.must_change).member("created_at", user.created_at);
  json.member("password_at", user.password_at).member("failures", user.failures);
  if (user.failures > 0) json.member("locked_until", user.locked_until);
  return json.key("grants").raw(grants_json(security::grants_of(user.grants))).end_object().take();
}

std::string token_json(const TokenRow& token) {
  JsonText json;
  json.begin_object().member("id", token.id.value).member("name", token.name);
  json.member("created_by", token.created_by).member("created_at", token.created_at);
  json.member("expires_at", token.expires_at).member("revoked", token.revoked);
  if (token.used_at > SystemTime()) json.member("used_at", token.used_at);
  return json.key("grants").raw(grants_json(security::grants_of(token.grants))).end_object().take();
}

std::string session_json(const SessionRow& session, std::int64_t current) {
  JsonText json;
  json.begin_object().member("id", session.id.value).member("peer", session.peer);
  json.member("created_at", session.created_at).member("seen_at", session.seen_at);
  return json.member("current", session.id.value == current).end_object().take();
}

config::Fields user_fields() {
  return {config::text("name", "Unique").required(),
          config::boolean("disabled", "Can't do anything", false),
          config::boolean("must_change_password", "Has a one-time password", false),
          config::text("created_at", "UTC"),
          config::text("password_at", "Since when the password is this one"),
          config::integer("failures", "Log-ins that failed, in a row"),
          config::text("locked_until", "No log-in before"),
          grants_field()};
}

config::Fields token_fields() {
  return {config::integer("id", "Its number").required(),
          config::text("name", "What it is for"),
          config::text("created_by", "Who made it"),
          config::text("created_at", "UTC"),
          config::text("expires_at", "UTC"),
          config::text("used_at", "UTC, to the minute"),
          config::boolean("revoked", "No longer good", false),
          grants_field()};
}

config::Fields session_fields() {
  return {config::integer("id", "Its number").required(), config::text("peer", "From where"),
          config::text("created_at", "UTC"), config::text("seen_at", "UTC, to the minute"),
          config::boolean("current", "The one that asks", false)};
}

}  // namespace causeway::api
