// What can be configured about an HTTP sink.
#include "connectors/http/sink_fields.h"

#include <charconv>
#include <fstream>
#include <iterator>

#include "connectors/http/head.h"
#include "connectors/support/base64.h"
#include "connectors/support/secret_field.h"
#include "connectors/support/socket.h"
#include "engine/core/limits.h"

namespace causeway::connectors::http {
namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;
constexpr std::streamsize key_file_bytes_max = 64 * 1024;

config::Fields authorization_fields() {
  return {
      config::object("basic", "A user's name and password",
                     {config::text("user", "The user's name").required(),
                      config::text("password", "The password").secret().required()}),
      config::object("api_key", "A key in a header",
                     {config::text("header", "The header's name").defaults_to("X-API-Key"),
                      config::text("key", "The key").secret().required()}),
      config::object(
          "oauth2", "An access token by the client's credentials (OAuth 2), fetched when needed",
          {config::text("token_url", "Where tokens are given out").required(),
           config::text("client_id", "The client's name").required(),
           config::text("client_secret", "The client's secret").secret(),
           config::text("key_file",
                        "Instead of a secret: PEM file of the private key (RSA, EC P-256 or P-384) "
                        "that signs the client's assertion (private_key_jwt)"),
           config::text("key_id", "The key's name in the assertion (kid)"),
           config::text("scope", "What the token is for"),
           config::text("audience", "`aud` of the assertion; without it the token's URL")})};
}

Error invalid(const char* place, std::string text) {
  return {ErrorKind::Invalid, place, std::move(text)};
}

Status read_port(std::string_view text, Url& url) {
  unsigned port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || port == 0 || port > 65535)
    return invalid("url", "its port is no number from 1 to 65535");
  url.port = static_cast<std::uint16_t>(port);
  return Done{};
}

Status read_templates(const config::Parsed& parsed, SinkSettings& settings) {
  auto target = Template::parse(settings.url.target, Template::Encoding::Url);
  if (!target) return invalid("url", target.error().text);
  settings.target = std::move(*target);
  auto method = Template::parse(parsed.text("method"), Template::Encoding::None);
  if (!method) return invalid("method", method.error().text);
  settings.method = std::move(*method);
  for (const auto& item : parsed.object_list("headers")) {
    const auto name = lower_case(item.text("name"));
    auto value = Template::parse(item.text("value"), Template::Encoding::None);
    if (!value) return invalid("headers", value.error().text);
    if (!is_token(name) || !is_header_value(item.text("value")) || name == "host" ||
        name == "content-length" || name == "transfer-encoding" || name == "connection")
      return invalid("headers", "\"" + name + "\" can't be given");
    settings.headers.push_back({name, std::move(*value)});
  }
  settings.soap = soap_version(parsed.text("soap"));
  auto action = Template::parse(parsed.text("soap_action"), Template::Encoding::None);
  if (!action) return invalid("soap_action", action.error().text);
  settings.soap_action = std::move(*action);
  return Done{};
}

Status read_key(const config::Parsed& oauth, TokenRequestSettings& token) {
  const auto path = oauth.text("key_file");
  if (token.client_secret.empty() == path.empty())
    return invalid("auth.oauth2", "give client_secret or key_file");
  if (path.empty()) return Done{};
  std::ifstream file(path, std::ios::binary);
  token.key_pem.resize(static_cast<std::size_t>(key_file_bytes_max));
  file.read(token.key_pem.data(), key_file_bytes_max);
  token.key_pem.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  if (token.key_pem.empty()) return Error{ErrorKind::Invalid, path, "can't read a private key"};
  return Done{};
}

Status read_oauth(const config::Parsed& oauth, const config::Parsed& parsed, const Secrets* secrets,
                  SinkSettings& settings) {
  TokenRequestSettings token;
  auto url = parse_url(oauth.text("token_url"));
  if (!url) return invalid("auth.oauth2.token_url", url.error().text);
  token.url = std::move(*url);
  if (token.url.secure) {
    TlsSettings tls;
    if (parsed.given("tls")) {
      auto configured = tls_client_settings(parsed.object("tls"), token.url.host, secrets);
      if (!configured) return configured.error();
      tls.ca_file = configured->ca_file;
      tls.verify_peer = configured->verify_peer;
    }
    tls.server_name = token.url.host;
    auto context = TlsContext::client(tls);
    if (!context) return context.error();
    token.tls = std::move(*context);
  }
  auto secret = secret_value(oauth, "client_secret", secrets);
  if (!secret) return secret.error();
  token.client_secret = std::move(*secret);
  token.client_id = oauth.text("client_id");
  token.key_id = oauth.text("key_id");
  token.scope = oauth.text("scope");
  token.audience = oauth.text("audience");
  if (token.audience.empty()) token.audience = oauth.text("token_url");
  if (auto read = read_key(oauth, token); !read) return read;
  settings.token = std::move(token);
  return Done{};
}

Status read_authorization(const config::Parsed& parsed, const Secrets* secrets,
                          SinkSettings& settings) {
  if (!parsed.given("auth")) return Done{};
  const auto& auth = parsed.object("auth");
  const int ways =
      int(auth.given("basic")) + int(auth.given("api_key")) + int(auth.given("oauth2"));
  if (ways != 1) return invalid("auth", "give one of basic, api_key and oauth2");
  if (auth.given("oauth2")) return read_oauth(auth.object("oauth2"), parsed, secrets, settings);
  const bool basic = auth.given("basic");
  const auto& way = auth.object(basic ? "basic" : "api_key");
  auto secret = secret_value(way, basic ? "password" : "key", secrets);
  if (!secret) return secret.error();
  if (!is_header_value(*secret)) return invalid("auth", "the secret has control characters");
  if (basic)
    settings.authorization =
        "authorization: Basic " + encode_base64(way.text("user") + ":" + *secret) + "\r\n";
  else if (const auto name = lower_case(way.text("header")); is_token(name))
    settings.authorization = name + ": " + *secret + "\r\n";
  else
    return invalid("auth.api_key.header", "no name of a header");
  return Done{};
}

}  // namespace

std::string Url::authority() const {
  const bool usual = port == (secure ? 443 : 80);
  if (!usual) return host_and_port(host, port);
  return host.find(':') == host.npos ? host : "[" + host + "]";
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  if (text.starts_with("https://"))
    url.secure = true;
  else if (!text.starts_with("http://"))
    return invalid("url", "it begins with http:// or https://");
  text.remove_prefix(url.secure ? 8 : 7);
  const auto end = std::min(text.find_first_of("/?#"), text.size());
  auto authority = text.substr(0, end);
  url.target = text.substr(end);
  if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
  if (authority.find('@') != authority.npos)
    return invalid("url", "a user's name and password are given by \"auth\"");
  if (authority.find_first_of("{}") != authority.npos)
    return invalid("url", "host and port can't come from a message");
  if (url.target.find_first_of("# \t\r\n") != url.target.npos)
    return invalid("url", "it has spaces or a fragment");
  url.port = url.secure ? 443 : 80;
  auto colon = authority.rfind(':');
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == authority.npos) return invalid("url", "a bracket isn't closed");
    url.host = authority.substr(1, bracket - 1);
    colon = authority.find(':', bracket);
  } else {
    url.host = authority.substr(0, colon);
  }
  if (colon != authority.npos)
    if (auto read = read_port(authority.substr(colon + 1), url); !read) return read.error();
  if (url.host.empty()) return invalid("url", "it has no host");
  return url;
}

const config::Fields& sink_fields() {
  static const config::Fields fields = {
      config::text("url",
                   "Where requests go. In its path and query {name} stands for an attribute of the "
                   "delivery, encoded; {+name} for one whose slashes stay")
          .required(),
      config::text("method", "POST, PUT, …; {name} stands for an attribute").defaults_to("POST"),
      config::object_list(
          "headers", "More headers; one whose attribute isn't there is left out",
          {config::text("name", "The header's name").required(),
           config::text("value", "Its value; {name} stands for an attribute").required()}),
      config::text("content_type", "Media type of the body; without it that of the content"),
      tls_client_field(),
      config::object("auth", "How the sink shows who it is", authorization_fields()),
      config::integer("connections", "Connections held open, each with one request in flight")
          .between(1, 256)
          .defaults_to(4),
      config::duration_ms("connect_timeout_ms", "For look-up, connection and TLS together", 10'000)
          .between(1, 600'000),
      config::duration_ms("reply_timeout_ms",
                          "From the request's last byte to the whole answer; also for the server "
                          "to take any bytes at all",
                          30'000)
          .between(1, 86'400'000),
      config::duration_ms("idle_timeout_ms",
                          "Close a connection unused for so long; 0: never. Keep it below the "
                          "server's own, so that no request meets a closing connection",
                          30'000),
      config::size_bytes("body_bytes_max", "Longest body to send", 256 * mebibyte)
          .between(1, 1024 * mebibyte),
      config::size_bytes("response_bytes_max", "Longest answer to read; of it 64 KiB are kept",
                         mebibyte)
          .between(1024, 64 * mebibyte),
      config::choice("soap",
                     "Send the content in a SOAP envelope of this version, and take the answer out "
                     "of its own; a fault of the sender is a refusal, one of the server is passing",
                     {"none", "1.1", "1.2"}),
      config::text("soap_action", "The SOAP action; {name} stands for an attribute"),
      config::boolean("idempotent",
                      "The server takes the same request twice without harm: a try whose answer "
                      "was lost is made again",
                      false),
      config::boolean("idempotency_key",
                      "Send the header Idempotency-Key, the same at each try of a delivery", false),
  };
  return fields;
}

Result<SinkSettings> sink_settings(const config::Parsed& parsed, const Secrets* secrets) {
  SinkSettings settings;
  auto url = parse_url(parsed.text("url"));
  if (!url) return url.error();
  settings.url = std::move(*url);
  if (auto read = read_templates(parsed, settings); !read) return read.error();
  if (parsed.given("tls") && !settings.url.secure)
    return invalid("tls", "the url begins with http://");
  if (settings.url.secure) {
    TlsSettings tls;
    tls.server_name = settings.url.host;
    if (parsed.given("tls")) {
      auto configured = tls_client_settings(parsed.object("tls"), settings.url.host, secrets);
      if (!configured) return configured.error();
      tls = std::move(*configured);
    }
    auto context = TlsContext::client(tls);
    if (!context) return context.error();
    settings.tls = std::move(*context);
  }
  if (auto read = read_authorization(parsed, secrets, settings); !read) return read.error();
  settings.content_type = parsed.text("content_type");
  if (!is_header_value(settings.content_type)) return invalid("content_type", "control characters");
  settings.connections = static_cast<std::size_t>(parsed.integer("connections"));
  settings.rules.connect_timeout = parsed.duration("connect_timeout_ms");
  settings.rules.reply_timeout = parsed.duration("reply_timeout_ms");
  settings.rules.idle_timeout = parsed.duration("idle_timeout_ms");
  settings.rules.answer_bytes_max = static_cast<std::size_t>(parsed.integer("response_bytes_max"));
  settings.body_bytes_max = static_cast<std::uint64_t>(parsed.integer("body_bytes_max"));
  settings.idempotent = parsed.boolean("idempotent");
  settings.sends_idempotency_key = parsed.boolean("idempotency_key");
  return settings;
}

}  // namespace causeway::connectors::http
