#include "connectors/http/access_token.h"

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>

#include "connectors/http/target.h"
#include "connectors/support/base64.h"
#include "engine/config/value.h"

namespace causeway::connectors::http {
namespace {

constexpr ClientRules token_rules{Milliseconds(10'000), Milliseconds(30'000), Milliseconds(1000),
                                  256 * 1024};
constexpr std::int64_t lifetime_default_s =
    60;  // where the server doesn't say (RFC 6749: optional)
constexpr std::int64_t lifetime_least_s =
    5;  // or one that is over at once would be fetched for ever
constexpr std::int64_t lifetime_most_s = 86'400;
constexpr auto assertion_lifetime = std::chrono::minutes(5);
constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

Key read_key(const std::string& pem) {
  auto* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  Key key(PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr), &EVP_PKEY_free);
  BIO_free(bio);
  ERR_clear_error();
  return key;
}

struct Signing {
  std::string_view algorithm;
  const EVP_MD* digest;
  std::size_t half = 0;  ///< Bytes of each number of an EC signature.
};

std::optional<Signing> signing_of(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= 2048)
    return Signing{"RS256", EVP_sha256()};
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return std::nullopt;
  if (EVP_PKEY_get_bits(key) == 256) return Signing{"ES256", EVP_sha256(), 32};
  if (EVP_PKEY_get_bits(key) == 384) return Signing{"ES384", EVP_sha384(), 48};
  return std::nullopt;
}

/// RFC 7518 section 3.4: r and s side by side.
std::string plain_signature(const std::string& der, std::size_t half) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  auto* both = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string out(2 * half, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(both), to, static_cast<int>(half));
  BN_bn2binpad(ECDSA_SIG_get0_s(both), to + half, static_cast<int>(half));
  ECDSA_SIG_free(both);
  return out;
}

std::optional<std::string> sign(EVP_PKEY* key, const Signing& how, const std::string& text) {
  auto* context = EVP_MD_CTX_new();
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = signature.size();
  const bool good =
      EVP_DigestSignInit(context, nullptr, how.digest, nullptr, key) == 1 &&
      EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  EVP_MD_CTX_free(context);
  ERR_clear_error();
  if (!good) return std::nullopt;
  signature.resize(size);
  return how.half == 0 ? signature : plain_signature(signature, how.half);
}

std::string random_id() {
  std::string bytes(16, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  return encode_base64url(bytes);
}

void add(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form.append(name).append("=").append(percent_encode(value));
}

}  // namespace

Result<std::string> client_assertion(const TokenRequestSettings& settings, SystemTime now,
                                     const std::string& id) {
  const auto key = read_key(settings.key_pem);
  const auto how = key ? signing_of(key.get()) : std::nullopt;
  if (!how)
    return Error{ErrorKind::Invalid, "auth.oauth2.key_file",
                 "no private key of RSA (2048 bits at least), EC P-256 or P-384 in PEM, without a "
                 "passphrase"};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
  auto header = "{\"alg\":" + quoted(how->algorithm) + ",\"typ\":\"JWT\"";
  if (!settings.key_id.empty()) header += ",\"kid\":" + quoted(settings.key_id);
  const auto claims = "{\"iss\":" + quoted(settings.client_id) +
                      ",\"sub\":" + quoted(settings.client_id) +
                      ",\"aud\":" + quoted(settings.audience) + ",\"jti\":" + quoted(id) +
                      ",\"iat\":" + std::to_string(seconds.count()) +
                      ",\"exp\":" + std::to_string((seconds + assertion_lifetime).count()) + "}";
  auto text = encode_base64url(header + "}") + "." + encode_base64url(claims);
  const auto signature = sign(key.get(), *how, text);
  if (!signature) return Error{ErrorKind::Internal, "auth.oauth2.key_file", "it can't sign"};
  return text + "." + encode_base64url(*signature);
}

AccessToken::AccessToken(EventLoop& loop, const Clock& clock, TokenRequestSettings settings)
    : clock_(clock),
      settings_(std::move(settings)),
      connection_(loop, {settings_.url.host, settings_.url.port, settings_.tls}, token_rules,
                  static_cast<ClientConnection::Host&>(*this)) {}

std::string AccessToken::current() const {
  return std::chrono::steady_clock::now() < until_ ? token_ : std::string();
}

void AccessToken::get(OnToken on_token) {
  if (auto token = current(); !token.empty()) return on_token(token);
  waiting_.push_back(std::move(on_token));
  if (!connection_.is_busy()) fetch();
}

void AccessToken::refused(const std::string& token) {
  if (token == token_) token_.clear();
}

void AccessToken::give_up() {
  connection_.give_up();
}

Result<std::string> AccessToken::form() const {
  std::string form;
  add(form, "grant_type", "client_credentials");
  if (!settings_.scope.empty()) add(form, "scope", settings_.scope);
  if (!settings_.client_secret.empty()) return form;
  auto assertion = client_assertion(settings_, clock_.now(), random_id());
  if (!assertion) return assertion.error();
  add(form, "client_id", settings_.client_id);
  add(form, "client_assertion_type", assertion_type);
  add(form, "client_assertion", *assertion);
  return form;
}

void AccessToken::fetch() {
  auto body = form();
  if (!body) return fetched(body.error());
  ClientRequest request;
  request.head = "POST " + settings_.url.target +
                 " HTTP/1.1\r\nhost: " + settings_.url.authority() +
                 "\r\ncontent-type: application/x-www-form-urlencoded\r\naccept: application/json"
                 "\r\ncontent-length: " +
                 std::to_string(body->size()) + "\r\n";
  // RFC 6749 section 2.3.1: both are encoded as in forms.
  if (!settings_.client_secret.empty())
    request.head += "authorization: Basic " +
                    encode_base64(percent_encode(settings_.client_id) + ":" +
                                  percent_encode(settings_.client_secret)) +
                    "\r\n";
  request.head += "\r\n";
  request.body = make_bytes(std::move(*body));
  connection_.send(std::move(request), [this](Result<ClientAnswer> answer, ClientStage) {
    fetched(std::move(answer));
  });
}

void AccessToken::fetched(Result<ClientAnswer> answer) {
  const auto token = read(answer);
  for (const auto& tell : std::exchange(waiting_, {})) tell(token);
}

Result<std::string> AccessToken::read(const Result<ClientAnswer>& answer) {
  const auto place = settings_.url.authority();
  if (!answer) return Error{answer.error().kind, place, "no access token: " + answer.error().text};
  const auto& [head, body] = *answer;
  const auto json = config::parse_json(body, "token");
  const auto* token = json ? json->find("access_token") : nullptr;
  if (head.status != 200 || !token || !token->string() || token->string()->empty() ||
      !is_header_value(*token->string())) {
    const auto* error = json ? json->find("error") : nullptr;
    const bool named = error && error->string() && is_token(*error->string());
    return Error{ErrorKind::Refused, place,
                 "no access token: status " + std::to_string(head.status) +
                     (named ? ", " + *error->string() : "")};
  }
  token_ = *token->string();
  const auto* expires = json->find("expires_in");
  const auto seconds = expires && expires->integer()
                           ? std::clamp(*expires->integer(), lifetime_least_s, lifetime_most_s)
                           : lifetime_default_s;
  // Not to be shown in its last moments.
  until_ = std::chrono::steady_clock::now() + std::chrono::seconds(seconds - seconds / 10);
  return token_;
}

}  // namespace causeway::connectors::http
