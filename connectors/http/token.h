// Bearer tokens that are signed (JWT), and the keys that they are checked with (JWKS).
//
// Only signatures by a key pair are taken (RS, PS, ES 256 to 512, EdDSA), never "none" or a shared
// secret; the key's own type decides what algorithm it may be used for. Values; pure.
// Standard: RFC 7515, RFC 7517, RFC 7518, RFC 7519, RFC 8037, RFC 8725.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::connectors::http {

inline constexpr std::size_t token_bytes_max = 16 * 1024;
inline constexpr std::size_t keys_bytes_max = 256 * 1024;
inline constexpr std::size_t keys_max = 100;
inline constexpr auto clock_leeway = std::chrono::seconds(60);

struct TokenRules {
  std::string keys_file;
  std::string issuer;    ///< Empty: any.
  std::string audience;  ///< Empty: any.
  std::string scope;     ///< Empty: any.
  std::string name_claim = "sub";
};

class TokenKeys {
 public:
  /// Reads a JSON Web Key Set; keys of unknown types are passed over. Invalid: no such set, or
  /// without a usable key.
  static Result<std::shared_ptr<const TokenKeys>> parse(std::string_view json);

  bool knows(std::string_view key_id) const;
  /// Whether one of the keys (of this id, if it isn't empty) has made this signature.
  bool verify(std::string_view algorithm, std::string_view key_id, std::string_view text,
              std::string_view signature) const;

  struct Key;
  explicit TokenKeys(std::vector<Key> keys);
  ~TokenKeys();

 private:
  std::vector<Key> keys_;
};

/// The keys as they are now, which may be fetched anew. Thread-safe.
class TokenKeySource {
 public:
  virtual ~TokenKeySource() = default;
  virtual std::shared_ptr<const TokenKeys> current() const = 0;  ///< nullptr: none yet.
  virtual void wanted() = 0;  ///< A token names a key that isn't there.
};

/// Keys that stay as they are.
class FixedTokenKeys final : public TokenKeySource {
 public:
  explicit FixedTokenKeys(std::shared_ptr<const TokenKeys> keys) : keys_(std::move(keys)) {}
  std::shared_ptr<const TokenKeys> current() const override { return keys_; }
  void wanted() override {}

 private:
  const std::shared_ptr<const TokenKeys> keys_;
};

struct TokenClaims {
  std::string name;  ///< The claim that says who it is.
};

/// Errors: NotFound (its key isn't among them), Invalid (not a token, wrong signature or claims,
/// over or not yet good), NotPermitted (its scope lacks what is demanded). They quote nothing of
/// the token.
Result<TokenClaims> check_token(std::string_view token, const TokenRules& rules,
                                const TokenKeys& keys, SystemTime now);

}  // namespace causeway::connectors::http
