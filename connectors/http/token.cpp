#include "connectors/http/token.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>
#include <optional>

#include "connectors/support/base64.h"
#include "engine/config/value.h"

namespace causeway::connectors::http {
namespace {

using KeyPointer = std::shared_ptr<EVP_PKEY>;

enum class Family : std::uint8_t { Rsa, Ec, Ed25519 };

/// RFC 7518 section 3.1, RFC 8037 section 3.1.
struct Algorithm {
  std::string_view name;
  Family family;
  const char* digest;  ///< nullptr: the algorithm's own.
  bool pss = false;
  const char* group = nullptr;
  std::size_t coordinate_bytes = 0;
};
constexpr std::array<Algorithm, 10> algorithms{{
    {"RS256", Family::Rsa, "SHA256"},
    {"RS384", Family::Rsa, "SHA384"},
    {"RS512", Family::Rsa, "SHA512"},
    {"PS256", Family::Rsa, "SHA256", true},
    {"PS384", Family::Rsa, "SHA384", true},
    {"PS512", Family::Rsa, "SHA512", true},
    {"ES256", Family::Ec, "SHA256", false, "P-256", 32},
    {"ES384", Family::Ec, "SHA384", false, "P-384", 48},
    {"ES512", Family::Ec, "SHA512", false, "P-521", 66},
    {"EdDSA", Family::Ed25519, nullptr},
}};

const Algorithm* algorithm_of(std::string_view name) {
  for (const auto& algorithm : algorithms)
    if (algorithm.name == name) return &algorithm;
  return nullptr;
}

std::string text_of(const config::Value& object, std::string_view name) {
  const auto* member = object.find(name);
  const auto* text = member ? member->string() : nullptr;
  return text ? *text : std::string();
}

std::optional<std::string> bytes_of(const config::Value& object, std::string_view name) {
  const auto text = text_of(object, name);
  if (text.empty()) return std::nullopt;
  return decode_base64url(text);
}

const unsigned char* raw(const std::string& bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

KeyPointer key_from(const char* type, OSSL_PARAM_BLD* build) {
  EVP_PKEY* key = nullptr;
  auto* parameters = OSSL_PARAM_BLD_to_param(build);
  auto* context = EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr);
  if (context && parameters && EVP_PKEY_fromdata_init(context) == 1)
    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  ERR_clear_error();
  return key ? KeyPointer(key, &EVP_PKEY_free) : nullptr;
}

KeyPointer rsa_key(const config::Value& jwk) {
  const auto modulus = bytes_of(jwk, "n"), exponent = bytes_of(jwk, "e");
  constexpr std::size_t modulus_least = 256, modulus_most = 1024;
  if (!modulus || !exponent || modulus->size() < modulus_least || modulus->size() > modulus_most ||
      exponent->size() > 8)
    return nullptr;
  auto* n = BN_bin2bn(raw(*modulus), static_cast<int>(modulus->size()), nullptr);
  auto* e = BN_bin2bn(raw(*exponent), static_cast<int>(exponent->size()), nullptr);
  auto* build = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
  auto key = key_from("RSA", build);
  OSSL_PARAM_BLD_free(build);
  BN_free(n);
  BN_free(e);
  return key;
}

KeyPointer ec_key(const config::Value& jwk, const Algorithm& algorithm) {
  const auto x = bytes_of(jwk, "x"), y = bytes_of(jwk, "y");
  if (!x || !y || x->size() != algorithm.coordinate_bytes ||
      y->size() != algorithm.coordinate_bytes)
    return nullptr;
  const auto point = "\x04" + *x + *y;  // uncompressed
  auto* build = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, algorithm.group, 0);
  OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  auto key = key_from("EC", build);
  OSSL_PARAM_BLD_free(build);
  return key;
}

KeyPointer ed25519_key(const config::Value& jwk) {
  const auto x = bytes_of(jwk, "x");
  if (!x || x->size() != 32) return nullptr;
  auto* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(*x), x->size());
  ERR_clear_error();
  return key ? KeyPointer(key, &EVP_PKEY_free) : nullptr;
}

/// r and s side by side (RFC 7518 section 3.4) to the form that OpenSSL takes.
std::optional<std::string> der_signature(std::string_view signature, std::size_t half) {
  if (signature.size() != 2 * half) return std::nullopt;
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  auto* both = ECDSA_SIG_new();
  ECDSA_SIG_set0(both, BN_bin2bn(bytes, static_cast<int>(half), nullptr),
                 BN_bin2bn(bytes + half, static_cast<int>(half), nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both, &der);
  ECDSA_SIG_free(both);
  if (size <= 0) return std::nullopt;
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

bool verify_with(EVP_PKEY* key, const Algorithm& algorithm, std::string_view text,
                 std::string_view signature) {
  std::string converted(signature);
  if (algorithm.family == Family::Ec) {
    auto der = der_signature(signature, algorithm.coordinate_bytes);
    if (!der) return false;
    converted = std::move(*der);
  }
  auto* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* parameters = nullptr;
  bool good = EVP_DigestVerifyInit_ex(context, &parameters, algorithm.digest, nullptr, nullptr, key,
                                      nullptr) == 1;
  if (good && algorithm.pss)
    good = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
  good = good &&
         EVP_DigestVerify(context, raw(converted), converted.size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  EVP_MD_CTX_free(context);
  ERR_clear_error();
  return good;
}

Error refused(std::string text) {
  return {ErrorKind::Invalid, "token", std::move(text)};
}

/// A JSON object of a token's part.
std::optional<config::Value> part_of(std::string_view text) {
  const auto json = decode_base64url(text);
  if (!json) return std::nullopt;
  auto value = config::parse_json(*json, "token");
  if (!value || !value->object()) return std::nullopt;
  return std::move(*value);
}

/// Seconds since 1970; nullopt: not there. A date that is no number is taken for long over.
std::optional<double> time_of(const config::Value& claims, std::string_view name) {
  const auto* value = claims.find(name);
  if (!value) return std::nullopt;
  if (const auto* whole = value->integer()) return static_cast<double>(*whole);
  if (const auto* real = value->real()) return *real;
  return name == "nbf" ? 1e300 : -1.0;
}

bool has_audience(const config::Value& claims, const std::string& audience) {
  const auto* value = claims.find("aud");
  if (!value) return false;
  if (const auto* one = value->string()) return *one == audience;
  if (const auto* list = value->list())
    for (const auto& item : *list)
      if (item.string() && *item.string() == audience) return true;
  return false;
}

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto one = words.substr(0, words.find(' '));
    if (one == word) return true;
    words.remove_prefix(std::min(words.size(), one.size() + 1));
  }
  return false;
}

bool has_scope(const config::Value& claims, const std::string& scope) {
  for (const auto* name : {"scope", "scp"}) {
    const auto* value = claims.find(name);
    if (!value) continue;
    if (value->string() && has_word(*value->string(), scope)) return true;
    if (const auto* list = value->list())
      for (const auto& item : *list)
        if (item.string() && *item.string() == scope) return true;
  }
  return false;
}

Result<TokenClaims> check_claims(const config::Value& claims, const TokenRules& rules,
                                 SystemTime now) {
  const auto seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
  const auto leeway = std::chrono::duration<double>(clock_leeway).count();
  const auto expires = time_of(claims, "exp");
  if (!expires) return refused("it never expires");
  if (seconds > *expires + leeway) return refused("it has expired");
  if (const auto from = time_of(claims, "nbf"); from && seconds < *from - leeway)
    return refused("it isn't valid yet");
  if (!rules.issuer.empty() && text_of(claims, "iss") != rules.issuer)
    return refused("another issuer");
  if (!rules.audience.empty() && !has_audience(claims, rules.audience))
    return refused("another audience");
  if (!rules.scope.empty() && !has_scope(claims, rules.scope))
    return Error{ErrorKind::NotPermitted, "token", "its scope doesn't let it in"};
  auto name = text_of(claims, rules.name_claim);
  if (name.empty()) return refused("it doesn't say who it is for");
  return TokenClaims{std::move(name)};
}

}  // namespace

struct TokenKeys::Key {
  std::string id;
  std::string algorithm;  ///< If the set names one.
  Family family;
  std::string_view group_algorithm;  ///< The one algorithm of its curve.
  KeyPointer key;
};

TokenKeys::TokenKeys(std::vector<Key> keys) : keys_(std::move(keys)) {}
TokenKeys::~TokenKeys() = default;

Result<std::shared_ptr<const TokenKeys>> TokenKeys::parse(std::string_view json) {
  if (json.size() > keys_bytes_max)
    return Error{ErrorKind::Limit, "keys", "the key set is too long"};
  auto root = config::parse_json(json, "keys");
  if (!root) return Error{ErrorKind::Invalid, "keys", root.error().text};
  const auto* set = root->find("keys");
  if (!set || !set->list()) return Error{ErrorKind::Invalid, "keys", "it has no list \"keys\""};
  std::vector<Key> keys;
  for (const auto& jwk : *set->list()) {
    if (keys.size() == keys_max) break;
    if (text_of(jwk, "use") == "enc") continue;
    Key key{text_of(jwk, "kid"), text_of(jwk, "alg"), Family::Rsa, {}, nullptr};
    const auto type = text_of(jwk, "kty"), curve = text_of(jwk, "crv");
    if (type == "RSA") key.key = rsa_key(jwk);
    for (const auto& algorithm : algorithms) {
      if (type != "EC" || !algorithm.group || curve != algorithm.group) continue;
      key.family = Family::Ec;
      key.group_algorithm = algorithm.name;
      key.key = ec_key(jwk, algorithm);
    }
    if (type == "OKP" && curve == "Ed25519") {
      key.family = Family::Ed25519;
      key.key = ed25519_key(jwk);
    }
    if (key.key) keys.push_back(std::move(key));
  }
  if (keys.empty()) return Error{ErrorKind::Invalid, "keys", "it has no key that can be used"};
  return std::make_shared<const TokenKeys>(std::move(keys));
}

bool TokenKeys::knows(std::string_view key_id) const {
  if (key_id.empty()) return true;
  for (const auto& key : keys_)
    if (key.id == key_id) return true;
  return false;
}

bool TokenKeys::verify(std::string_view algorithm_name, std::string_view key_id,
                       std::string_view text, std::string_view signature) const {
  const auto* algorithm = algorithm_of(algorithm_name);
  if (!algorithm) return false;
  for (const auto& key : keys_) {
    if (!key_id.empty() && key.id != key_id) continue;
    if (key.family != algorithm->family) continue;
    if (!key.algorithm.empty() && key.algorithm != algorithm_name) continue;
    if (!key.group_algorithm.empty() && key.group_algorithm != algorithm_name) continue;
    if (verify_with(key.key.get(), *algorithm, text, signature)) return true;
  }
  return false;
}

Result<TokenClaims> check_token(std::string_view token, const TokenRules& rules,
                                const TokenKeys& keys, SystemTime now) {
  if (token.size() > token_bytes_max) return refused("it is too long");
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  if (first == token.npos || second == token.npos || token.find('.', second + 1) != token.npos)
    return refused("it doesn't have three parts");
  const auto header = part_of(token.substr(0, first));
  const auto claims = part_of(token.substr(first + 1, second - first - 1));
  const auto signature = decode_base64url(token.substr(second + 1));
  if (!header || !claims || !signature) return refused("it is malformed");
  if (header->find("crit")) return refused("it has critical extensions");
  const auto key_id = text_of(*header, "kid");
  if (!keys.knows(key_id)) return Error{ErrorKind::NotFound, "token", "its key isn't known"};
  if (!keys.verify(text_of(*header, "alg"), key_id, token.substr(0, second), *signature))
    return refused("its signature is wrong");
  return check_claims(*claims, rules, now);
}

}  // namespace causeway::connectors::http
