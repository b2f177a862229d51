// The IdentityStore on PostgreSQL: the tables account, token, session, access_grant. Thread-safe.
#pragma once

#include "engine/core/identity.h"
#include "engine/store/postgres/connection_pool.h"

namespace causeway::store {

class IdentityTables final : public IdentityStore {
 public:
  explicit IdentityTables(ConnectionPool& pool) : pool_(pool) {}

  Result<UserId> add_user(const UserRow& user) override;
  Result<std::optional<UserRow>> user(const std::string& name) override;
  Result<std::optional<UserRow>> user(UserId id) override;
  Result<std::vector<UserRow>> users() override;
  Status change_user(const UserRow& user) override;
  Status set_grants(UserId user, const std::vector<GrantRow>& grants) override;

  Result<TokenId> add_token(const TokenRow& token) override;
  Result<std::optional<TokenRow>> token(const std::string& hash) override;
  Result<std::vector<TokenRow>> tokens() override;
  Status token_used(TokenId token, SystemTime at) override;
  Status revoke_token(TokenId token) override;

  Result<SessionId> add_session(const SessionRow& session) override;
  Result<std::optional<SessionRow>> session(const std::string& hash) override;
  Result<std::vector<SessionRow>> sessions(UserId user) override;
  Status session_seen(SessionId session, SystemTime at) override;
  Status end_session(SessionId session) override;
  Status end_sessions(UserId user, SessionId spared) override;
  Status end_sessions_before(SystemTime created) override;

 private:
  Status done(const char* sql, const Params& params);

  ConnectionPool& pool_;
};

}  // namespace causeway::store
