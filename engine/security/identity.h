// Users, tokens and sessions: who a request is from, and how that changes. Secrets leave here once,
// when they are made; kept are Argon2id hashes of passwords and keyed hashes of tokens and
// sessions, so that who reads, or writes, the database alone can't use or make one. Thread-safe;
// blocks on the store.
//
// Sessions: a new one at each log-in (the one before ends), idle and absolute limits, ended by
// log-out, by a new password, and by an administrator.
#pragma once

#include <string>

#include "engine/core/clock.h"
#include "engine/core/identity.h"
#include "engine/core/store.h"
#include "engine/security/caller.h"
#include "engine/security/lockout.h"

namespace causeway::security {

inline constexpr auto session_idle_max = std::chrono::minutes(30);
inline constexpr auto session_age_max = std::chrono::hours(12);
inline constexpr auto one_time_age_max = std::chrono::hours(24);
inline constexpr auto token_age_max = std::chrono::hours(24 * 366);
inline constexpr std::size_t user_name_bytes_max = 64;
inline constexpr std::size_t scope_bytes_max = 256;
inline constexpr std::size_t grants_max = 100;

/// Letters, digits, '.', '-', '_', '@'; at most user_name_bytes_max.
bool is_user_name(std::string_view name);
/// "" or a channel's path: no '/' at its ends, no empty parts, no control characters.
bool is_scope(std::string_view scope);

std::vector<Grant> grants_of(const std::vector<GrantRow>& rows);
std::vector<GrantRow> rows_of(const std::vector<Grant>& grants);

class Identity {
 public:
  Identity(IdentityStore& store, const KeyedHash& hash, const Clock& clock)
      : store_(store), hash_(hash), clock_(clock) {}

  /// Who shows this token. Proof::None: nobody that is known, or may do anything now.
  Result<Caller> by_token(std::string_view token);
  Result<Caller> by_session(std::string_view secret);
  /// What changes by a session must show besides its cookie.
  std::string csrf_token(std::string_view session_secret) const;

  struct LogIn {
    std::string session_secret;
    Caller caller;
  };
  /// NotPermitted: no such user, or another password (not told which). Limit: too many failures;
  /// `locked_until` says until when.
  Result<LogIn> log_in(const std::string& name, const std::string& password,
                       std::string_view session_before, const std::string& peer);
  SystemTime locked_until(const std::string& name);
  Status log_out(const Caller& caller);

  /// Makes a user with a one-time password, which is returned. Conflict: the name is taken.
  Result<std::string> add_user(const std::string& name, const std::vector<Grant>& grants);
  Result<std::string> reset_password(const std::string& name);
  /// NotPermitted: the old one is wrong. Invalid: the new one breaks the policy. Other sessions
  /// end.
  Status change_password(const Caller& caller, const std::string& old_password,
                         const std::string& new_password);
  Status set_disabled(const std::string& name, bool disabled);  ///< Ends his sessions.
  Status set_grants(const std::string& name, const std::vector<Grant>& grants);
  Status end_sessions(const std::string& name);
  Result<UserRow> user(const std::string& name);  ///< NotFound: there is none.
  Result<std::vector<UserRow>> users() { return store_.users(); }
  Result<std::vector<SessionRow>> sessions_of(const Caller& caller);

  struct NewToken {
    TokenId id;
    std::string token;
  };
  /// With at most the rights of whoever asks: what he loses later, the token loses too.
  Result<NewToken> add_token(const Caller& by, const std::string& name,
                             const std::vector<Grant>& grants, SystemTime expires_at);
  Result<std::vector<TokenRow>> tokens() { return store_.tokens(); }
  Status revoke_token(TokenId id) { return store_.revoke_token(id); }

  /// The first administrator's one-time password, if there is no user yet; else empty.
  Result<std::string> make_first_administrator();
  static constexpr const char* first_administrator = "admin";

 private:
  std::string secret_hash(std::string_view domain, std::string_view secret) const;
  Status failed(UserRow user);
  Result<LogIn> begin_session(const UserRow& user, const std::string& peer);
  Caller caller_of(const UserRow& user) const;

  IdentityStore& store_;
  const KeyedHash& hash_;
  const Clock& clock_;
  UnknownNames unknown_;
};

}  // namespace causeway::security
