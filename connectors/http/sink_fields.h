// What an HTTP sink can be told, and what was read of it. Plain values.
#pragma once

#include "connectors/http/client_connection.h"
#include "connectors/http/soap.h"
#include "connectors/http/template.h"
#include "engine/config/fields.h"
#include "engine/core/secrets.h"

namespace causeway::connectors::http {

const config::Fields& sink_fields();

/// "https://host:8443/base" taken apart.
struct Url {
  bool secure = false;
  std::string host;
  std::uint16_t port = 0;
  std::string target;  ///< Path and query; "/" if there is none.

  std::string authority() const;  ///< As the Host header has it.
};
/// Invalid: another scheme, no host, a user's name in it.
Result<Url> parse_url(std::string_view text);

/// How an access token is got (RFC 6749 section 4.4; RFC 7523 section 2.2).
struct TokenRequestSettings {
  Url url;
  std::shared_ptr<const TlsContext> tls;
  std::string client_id;
  std::string client_secret;  ///< Empty: it signs with its key.
  std::string key_pem;
  std::string key_id;
  std::string scope;
  std::string audience;  ///< Of the assertion; the token's URL if empty.
};

struct SinkSettings {
  Url url;  ///< Its target is what `target` was made of.
  Template target;
  Template method;
  struct NamedTemplate {
    std::string name;
    Template value;
  };
  std::vector<NamedTemplate> headers;
  std::string content_type;  ///< Empty: by the content.
  std::shared_ptr<const TlsContext> tls;
  std::string authorization;  ///< A header line; empty: none.
  std::optional<TokenRequestSettings> token;
  std::size_t connections = 1;
  ClientRules rules;
  std::uint64_t body_bytes_max = 0;
  Soap soap = Soap::None;
  Template soap_action;
  bool idempotent = false;
  bool sends_idempotency_key = false;
};

/// Errors: Invalid (URL, template, certificates); a secret that isn't there.
Result<SinkSettings> sink_settings(const config::Parsed& parsed, const Secrets* secrets);

}  // namespace causeway::connectors::http
