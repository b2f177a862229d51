// Who sends a request: by password, API key, token or certificate, as a source demands it.
//
// Immutable but for the keys that tokens are checked with, which are a store of their own.
// Standard: RFC 7617 (basic), RFC 6750 (bearer), RFC 7519 (JWT).
#pragma once

#include <memory>

#include "connectors/http/head.h"
#include "connectors/http/token.h"
#include "engine/config/fields.h"
#include "engine/core/clock.h"
#include "engine/core/secrets.h"

namespace causeway::connectors::http {

/// The declaration of "auth".
config::Field authentication_field();

/// A secret as it is compared: its SHA-256. Takes a secret itself, or "sha256:" and 64 hexadecimal
/// digits of its hash.
class SecretHash {
 public:
  /// Invalid: empty, or "sha256:" without its digits.
  static Result<SecretHash> of(std::string_view secret);
  /// Takes the same time whatever is presented.
  bool matches(std::string_view presented) const;

 private:
  std::string digest_;
};

class Authentication {
 public:
  struct Named {
    std::string name;
    SecretHash secret;
  };
  struct Outcome {
    bool good = false;
    std::string name;       ///< Who it is; empty: nobody was asked.
    int status = 401;       ///< Where it is not good: 401, 403 (known, and not let in), 503.
    std::string challenge;  ///< Header lines for a 401.
    std::string_view word;  ///< Why not, for metrics.
  };

  static Result<Authentication> read(const config::Parsed& auth, const Secrets* secrets);

  bool demands_anything() const;
  bool demands_certificate() const { return !certificates_.empty(); }
  /// `certificate_name`: of a verified certificate; empty: none.
  Outcome check(const Head& head, const std::string& certificate_name, SystemTime now) const;
  const TokenRules* tokens() const { return tokens_ ? &*tokens_ : nullptr; }
  /// What tokens are checked with. Without: none is taken.
  void use_keys(std::shared_ptr<TokenKeySource> keys) { keys_ = std::move(keys); }

 private:
  Outcome check_basic(std::string_view credentials) const;
  Outcome check_token(std::string_view token, SystemTime now) const;
  Outcome refused(int status, std::string_view word) const;

  std::vector<Named> users_;
  std::vector<Named> api_keys_;
  std::string api_key_header_;
  std::vector<std::string> certificates_;
  std::optional<TokenRules> tokens_;
  std::shared_ptr<TokenKeySource> keys_;
};

}  // namespace causeway::connectors::http
