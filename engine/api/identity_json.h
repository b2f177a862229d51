// Users, tokens, sessions and grants as JSON, and grants read from a body. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "engine/config/fields.h"
#include "engine/core/identity.h"
#include "engine/security/caller.h"

namespace causeway::api {

/// [{"role": "operator", "scope": "lab"}, …] in a body.
config::Field grants_field();
/// An error says what is wrong with them.
Result<std::vector<security::Grant>> read_grants(const config::Parsed& body);

std::string user_json(const UserRow& user);
std::string token_json(const TokenRow& token);
std::string session_json(const SessionRow& session, std::int64_t current);
std::string grants_json(const std::vector<security::Grant>& grants);

config::Fields user_fields();
config::Fields token_fields();
config::Fields session_fields();
config::Fields grant_fields();

}  // namespace causeway::api
