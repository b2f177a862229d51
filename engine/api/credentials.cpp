#include "engine/api/credentials.h"

#include <algorithm>

#include <openssl/crypto.h>

namespace causeway::api {
namespace {

constexpr std::size_t machine_user_bytes_max = 64;

bool is_machine_user(std::string_view name) {
  return !name.empty() && name.size() <= machine_user_bytes_max &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

bool same_secret(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         ::CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string_view cookie(const HttpRequest& request, std::string_view name) {
  auto rest = request.header("cookie");
  while (!rest.empty()) {
    const auto end = rest.find(';');
    const auto pair = trimmed(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return pair.substr(equals + 1);
  }
  return {};
}

std::string session_cookie_header(std::string_view secret, bool only_over_tls) {
  std::string header(session_cookie);
  header.append("=").append(secret).append("; Path=/; HttpOnly; SameSite=Strict");
  if (only_over_tls) header += "; Secure";
  if (secret.empty()) header += "; Max-Age=0";
  return header;
}

// A token that is shown and not good doesn't fall back to a cookie: who shows it means it.
Result<security::Caller> Credentials::caller_of(const HttpRequest& request) const {
  constexpr std::string_view scheme = "Bearer ";
  const auto shown = request.header("authorization");
  if (shown.empty()) return identity_.by_session(cookie(request, session_cookie));
  if (!shown.starts_with(scheme)) return security::Caller();
  const auto token = shown.substr(scheme.size());
  if (!same_secret(token, local_token_)) return identity_.by_token(token);
  security::Caller local;
  local.name = security::local_name;
  if (const auto user = request.header(local_user_header); is_machine_user(user))
    local.name.append(":").append(user);
  local.proof = security::Proof::Local;
  local.grants = {{security::Role::Administrator, ""}};
  return local;
}

bool Credentials::may_change(const HttpRequest& request, const security::Caller& caller) const {
  if (caller.proof != security::Proof::Session) return true;
  return same_secret(request.header("x-csrf-token"),
                     identity_.csrf_token(cookie(request, session_cookie)));
}

}  // namespace causeway::api
