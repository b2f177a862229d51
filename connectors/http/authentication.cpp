#include "connectors/http/authentication.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "connectors/support/base64.h"
#include "connectors/support/secret_field.h"

namespace causeway::connectors::http {
namespace {

constexpr std::string_view hash_prefix = "sha256:";
constexpr std::size_t credentials_bytes_max = 4096;

std::string sha256(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

bool from_hexadecimal(std::string_view text, std::string& bytes) {
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const auto high = std::string_view("0123456789abcdef").find(text[i]);
    const auto low = std::string_view("0123456789abcdef").find(text[i + 1]);
    if (high > 15 || low > 15) return false;
    bytes += static_cast<char>(high << 4 | low);
  }
  return true;
}

config::Fields named_fields(const char* secret, const char* doc) {
  return {config::text("name", "Who it is: the sender's name in the lineage").required(),
          config::text(secret, doc).secret().required()};
}

config::Fields bearer_fields() {
  return {config::text("jwks_file", "File with the public keys (JSON Web Key Set)").required(),
          config::text("issuer", "What `iss` has to be"),
          config::text("audience", "What `aud` has to have"),
          config::text("scope", "What `scope` or `scp` has to have"),
          config::text("name_claim", "The claim that is the sender's name").defaults_to("sub")};
}

/// "Bearer abc" → "abc"; empty: another scheme.
std::string_view credentials_of(std::string_view header, std::string_view scheme) {
  const auto space = std::min(header.find(' '), header.size());
  if (lower_case(header.substr(0, space)) != scheme) return {};
  return trimmed(header.substr(space));
}

Result<std::vector<Authentication::Named>> read_named(const config::Parsed& auth, const char* list,
                                                      const char* secret, const Secrets* secrets) {
  std::vector<Authentication::Named> all;
  for (const auto& item : auth.object_list(list)) {
    auto value = secret_value(item, secret, secrets);
    if (!value) return value.error();
    auto hash = SecretHash::of(*value);
    if (!hash) return Error{ErrorKind::Invalid, item.text(secret), hash.error().text};
    all.push_back({item.text("name"), std::move(*hash)});
  }
  return all;
}

}  // namespace

config::Field authentication_field() {
  return config::object(
      "auth",
      "Who may send; several ways may be given, and one of them is enough. Without it anybody may",
      {config::object_list("basic", "Users with a password",
                           named_fields("password", "The password, or \"sha256:\" and its hash")),
       config::object_list("api_keys", "Keys in a header",
                           named_fields("key", "The key, or \"sha256:\" and its hash")),
       config::text("api_key_header", "The header that has the key").defaults_to("X-API-Key"),
       config::object("bearer", "Signed tokens (JWT)", bearer_fields()),
       config::text_list("certificates",
                         "Names of client certificates; \"*\": any that `tls.ca_file` has signed. "
                         "Needs `tls.verify_peer`")});
}

Result<SecretHash> SecretHash::of(std::string_view secret) {
  SecretHash hash;
  if (secret.empty()) return Error{ErrorKind::Invalid, "", "the secret is empty"};
  if (!secret.starts_with(hash_prefix)) {
    hash.digest_ = sha256(secret);
    return hash;
  }
  if (secret.size() != hash_prefix.size() + 2 * SHA256_DIGEST_LENGTH ||
      !from_hexadecimal(secret.substr(hash_prefix.size()), hash.digest_))
    return Error{ErrorKind::Invalid, "", "\"sha256:\" needs 64 hexadecimal digits in lower case"};
  return hash;
}

bool SecretHash::matches(std::string_view presented) const {
  const auto digest = sha256(presented);
  return CRYPTO_memcmp(digest.data(), digest_.data(), digest.size()) == 0;
}

Result<Authentication> Authentication::read(const config::Parsed& auth, const Secrets* secrets) {
  Authentication read;
  auto users = read_named(auth, "basic", "password", secrets);
  if (!users) return users.error();
  read.users_ = std::move(*users);
  auto keys = read_named(auth, "api_keys", "key", secrets);
  if (!keys) return keys.error();
  read.api_keys_ = std::move(*keys);
  read.api_key_header_ = lower_case(auth.text("api_key_header"));
  read.certificates_ = auth.text_list("certificates");
  if (!auth.given("bearer")) return read;
  const auto& bearer = auth.object("bearer");
  TokenRules rules;
  rules.keys_file = bearer.text("jwks_file");
  rules.issuer = bearer.text("issuer");
  rules.audience = bearer.text("audience");
  rules.scope = bearer.text("scope");
  rules.name_claim = bearer.text("name_claim");
  if (rules.issuer.empty() && rules.audience.empty())
    return Error{ErrorKind::Invalid, "auth.bearer",
                 "give issuer or audience: else tokens made for others are taken"};
  read.tokens_ = std::move(rules);
  return read;
}

bool Authentication::demands_anything() const {
  return !users_.empty() || !api_keys_.empty() || !certificates_.empty() || tokens_;
}

Authentication::Outcome Authentication::check(const Head& head, const std::string& certificate_name,
                                              SystemTime now) const {
  if (!demands_anything()) return {true, certificate_name, 0, {}, {}};
  if (!certificate_name.empty())
    for (const auto& name : certificates_)
      if (name == "*" || name == certificate_name) return {true, certificate_name, 0, {}, {}};
  const auto authorization = head.header_or_empty("authorization");
  if (!users_.empty())
    if (auto basic = credentials_of(authorization, "basic"); !basic.empty())
      return check_basic(basic);
  if (tokens_)
    if (auto token = credentials_of(authorization, "bearer"); !token.empty())
      return check_token(token, now);
  if (!api_keys_.empty())
    if (const auto* key = head.header(api_key_header_))
      for (const auto& known : api_keys_)
        if (known.secret.matches(*key)) return {true, known.name, 0, {}, {}};
  const bool other_certificate =
      !certificate_name.empty() && users_.empty() && api_keys_.empty() && !tokens_;
  return refused(other_certificate ? 403 : 401, "not_authenticated");
}

Authentication::Outcome Authentication::check_basic(std::string_view credentials) const {
  const auto text =
      credentials.size() <= credentials_bytes_max ? decode_base64(credentials) : std::nullopt;
  const auto colon = text ? text->find(':') : std::string::npos;
  if (colon == std::string::npos) return refused(401, "credentials_malformed");
  const auto name = std::string_view(*text).substr(0, colon);
  const auto password = std::string_view(*text).substr(colon + 1);
  for (const auto& user : users_)
    if (user.name == name && user.secret.matches(password)) return {true, user.name, 0, {}, {}};
  return refused(401, "wrong_credentials");
}

Authentication::Outcome Authentication::check_token(std::string_view token, SystemTime now) const {
  const auto keys = keys_ ? keys_->current() : nullptr;
  if (!keys) return refused(503, "no_keys");
  auto claims = http::check_token(token, *tokens_, *keys, now);
  if (claims) return {true, std::move(claims->name), 0, {}, {}};
  if (claims.error().kind == ErrorKind::NotFound) keys_->wanted();
  return refused(claims.error().kind == ErrorKind::NotPermitted ? 403 : 401, "wrong_token");
}

Authentication::Outcome Authentication::refused(int status, std::string_view word) const {
  Outcome outcome;
  outcome.status = status;
  outcome.word = word;
  if (status != 401) return outcome;
  if (!users_.empty())
    outcome.challenge += "www-authenticate: Basic realm=\"causeway\", charset=\"UTF-8\"\r\n";
  if (tokens_) outcome.challenge += "www-authenticate: Bearer realm=\"causeway\"\r\n";
  if (users_.empty() && !tokens_)
    outcome.challenge +=
        "www-authenticate: " + std::string(api_keys_.empty() ? "Certificate" : "ApiKey") + "\r\n";
  return outcome;
}

}  // namespace causeway::connectors::http
