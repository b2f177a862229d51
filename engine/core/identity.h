// Who may use an installation, as the store keeps it: users, API tokens, sessions, grants; and the
// port that keeps them. What they mean is engine/security's to say. Plain values; the port is
// thread-safe and blocks on the database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway {

using UserId = StrongId<struct UserTag, std::int64_t>;
using TokenId = StrongId<struct TokenTag, std::int64_t>;
using SessionId = StrongId<struct SessionTag, std::int64_t>;

struct GrantRow {
  std::string role;
  std::string scope;  ///< A folder of channels; empty: the whole installation.
};

struct UserRow {
  UserId id;
  std::string name;           ///< Unique.
  std::string password_hash;  ///< Argon2's encoded form; empty: can't log in.
  bool disabled = false;
  bool must_change = false;  ///< The password was made by somebody else.
  int failures = 0;          ///< Log-ins in a row that failed.
  SystemTime locked_until;
  SystemTime password_at;
  SystemTime created_at;
  std::vector<GrantRow> grants;
};

struct TokenRow {
  TokenId id;
  std::string name;
  std::string hash;  ///< Keyed; the token itself is kept nowhere.
  UserId owner;      ///< 0: made on the engine's own machine.
  std::string created_by;
  SystemTime created_at;
  SystemTime expires_at;
  SystemTime used_at;  ///< To the minute; 1970: never.
  bool revoked = false;
  std::vector<GrantRow> grants;
};

struct SessionRow {
  SessionId id;
  std::string hash;  ///< Keyed, of the cookie's secret.
  UserId user;
  std::string peer;
  SystemTime created_at;
  SystemTime seen_at;  ///< To the minute.
};

class IdentityStore {
 public:
  virtual ~IdentityStore() = default;

  /// Conflict: the name is taken. `id` and grants of the row: the new one's, all at once.
  virtual Result<UserId> add_user(const UserRow& user) = 0;
  virtual Result<std::optional<UserRow>> user(const std::string& name) = 0;
  virtual Result<std::optional<UserRow>> user(UserId id) = 0;
  virtual Result<std::vector<UserRow>> users() = 0;  ///< By name.
  /// Everything but name, grants and creation.
  virtual Status change_user(const UserRow& user) = 0;
  virtual Status set_grants(UserId user, const std::vector<GrantRow>& grants) = 0;

  virtual Result<TokenId> add_token(const TokenRow& token) = 0;
  virtual Result<std::optional<TokenRow>> token(const std::string& hash) = 0;
  virtual Result<std::vector<TokenRow>> tokens() = 0;  ///< Newest first; revoked ones too.
  virtual Status token_used(TokenId token, SystemTime at) = 0;
  virtual Status revoke_token(TokenId token) = 0;  ///< NotFound: there is none.

  virtual Result<SessionId> add_session(const SessionRow& session) = 0;
  virtual Result<std::optional<SessionRow>> session(const std::string& hash) = 0;
  virtual Result<std::vector<SessionRow>> sessions(UserId user) = 0;  ///< Newest first.
  virtual Status session_seen(SessionId session, SystemTime at) = 0;
  virtual Status end_session(SessionId session) = 0;
  /// All of a user's but `spared`.
  virtual Status end_sessions(UserId user, SessionId spared) = 0;
  virtual Status end_sessions_before(SystemTime created) = 0;
};

}  // namespace causeway
