#include "engine/store/identity_tables.h"

#include <algorithm>

#include "engine/store/journal/row_maker.h"
#include "engine/store/postgres/column.h"

namespace causeway::store {
namespace {

// Rows and grants in one statement: one that runs twice after a lost connection can't leave half.
constexpr const char* add_user_sql =
    "WITH added AS (INSERT INTO account (name, password_hash, disabled, must_change, failures,"
    "    locked_until, password_at, created_at)"
    "  VALUES ($1::text, $2::text, $3::bigint <> 0, $4::bigint <> 0, 0, 0, $5::bigint, $6::bigint)"
    "  ON CONFLICT DO NOTHING RETURNING id),"
    " granted AS (INSERT INTO access_grant (account, token, role, scope)"
    "  SELECT id, 0, role, scope FROM added, unnest($7::text[], $8::text[]) AS g (role, scope)"
    "  ON CONFLICT DO NOTHING)"
    " SELECT id FROM added";

#define CAUSEWAY_ACCOUNT_COLUMNS                                                          \
  "id, name, password_hash, disabled, must_change, failures, locked_until, password_at, " \
  "created_at, "                                                                          \
  "(SELECT string_agg(role || E'\\n' || scope, E'\\n' ORDER BY role, scope)"              \
  " FROM access_grant WHERE account = account.id AND token = 0)"

constexpr const char* user_by_name_sql =
    "SELECT " CAUSEWAY_ACCOUNT_COLUMNS " FROM account WHERE name = $1::text";
constexpr const char* user_by_id_sql =
    "SELECT " CAUSEWAY_ACCOUNT_COLUMNS " FROM account WHERE id = $1::bigint";
constexpr const char* users_sql = "SELECT " CAUSEWAY_ACCOUNT_COLUMNS " FROM account ORDER BY name";
constexpr const char* change_user_sql =
    "UPDATE account SET password_hash = $2::text, disabled = ($3::bigint <> 0),"
    " must_change = ($4::bigint <> 0), failures = $5::integer, locked_until = $6::bigint,"
    " password_at = $7::bigint WHERE id = $1::bigint";
constexpr const char* set_grants_sql =
    "WITH wanted AS (SELECT DISTINCT role, scope FROM unnest($2::text[], $3::text[])"
    "    AS g (role, scope)),"
    " gone AS (DELETE FROM access_grant a WHERE account = $1::bigint AND token = 0 AND NOT EXISTS"
    "  (SELECT FROM wanted w WHERE w.role = a.role AND w.scope = a.scope))"
    " INSERT INTO access_grant (account, token, role, scope)"
    "  SELECT $1::bigint, 0, role, scope FROM wanted ON CONFLICT DO NOTHING";

constexpr const char* add_token_sql =
    "WITH added AS (INSERT INTO token (name, hash, owner, created_by, created_at, expires_at,"
    "    used_at, revoked)"
    "  VALUES ($1::text, $2::bytea, $3::bigint, $4::text, $5::bigint, $6::bigint, 0, false)"
    "  RETURNING id),"
    " granted AS (INSERT INTO access_grant (account, token, role, scope)"
    "  SELECT 0, id, role, scope FROM added, unnest($7::text[], $8::text[]) AS g (role, scope)"
    "  ON CONFLICT DO NOTHING)"
    " SELECT id FROM added";

#define CAUSEWAY_TOKEN_COLUMNS                                                    \
  "id, name, hash, owner, created_by, created_at, expires_at, used_at, revoked, " \
  "(SELECT string_agg(role || E'\\n' || scope, E'\\n' ORDER BY role, scope)"      \
  " FROM access_grant WHERE account = 0 AND token = token.id)"

constexpr const char* token_sql =
    "SELECT " CAUSEWAY_TOKEN_COLUMNS " FROM token WHERE hash = $1::bytea";
constexpr const char* tokens_sql = "SELECT " CAUSEWAY_TOKEN_COLUMNS " FROM token ORDER BY id DESC";
constexpr const char* token_used_sql =
    "UPDATE token SET used_at = $2::bigint WHERE id = $1::bigint AND used_at < $2::bigint";
constexpr const char* revoke_token_sql =
    "UPDATE token SET revoked = true WHERE id = $1::bigint RETURNING id";

constexpr const char* add_session_sql =
    "INSERT INTO session (hash, account, peer, created_at, seen_at)"
    " VALUES ($1::bytea, $2::bigint, $3::text, $4::bigint, $5::bigint) RETURNING id";
constexpr const char* session_sql =
    "SELECT id, hash, account, peer, created_at, seen_at FROM session WHERE hash = $1::bytea";
constexpr const char* sessions_sql =
    "SELECT id, hash, account, peer, created_at, seen_at FROM session WHERE account = $1::bigint"
    " ORDER BY id DESC LIMIT 1000";
constexpr const char* session_seen_sql =
    "UPDATE session SET seen_at = $2::bigint WHERE id = $1::bigint AND seen_at < $2::bigint";
constexpr const char* end_session_sql = "DELETE FROM session WHERE id = $1::bigint";
constexpr const char* end_sessions_sql =
    "DELETE FROM session WHERE account = $1::bigint AND id <> $2::bigint";
constexpr const char* end_sessions_before_sql = "DELETE FROM session WHERE created_at < $1::bigint";

struct GrantColumns {
  explicit GrantColumns(const std::vector<GrantRow>& grants) {
    for (const auto& grant : grants) {
      roles.add_bytes(grant.role);
      scopes.add_bytes(grant.scope);
    }
  }
  Column roles{ColumnType::Text};
  Column scopes{ColumnType::Text};
};

/// "role\nscope\nrole\nscope": neither has a line end.
std::vector<GrantRow> grants_of(std::string_view text) {
  std::vector<GrantRow> grants;
  const auto take = [&text] {
    const auto end = text.find('\n');
    std::string word(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return word;
  };
  while (!text.empty()) {
    GrantRow grant;
    grant.role = take();
    grant.scope = take();
    grants.push_back(std::move(grant));
  }
  return grants;
}

UserRow user_of(const Rows& rows, std::size_t i) {
  UserRow user;
  user.id.value = rows.integer(i, 0);
  user.name = rows.bytes(i, 1);
  user.password_hash = rows.bytes(i, 2);
  user.disabled = rows.boolean(i, 3);
  user.must_change = rows.boolean(i, 4);
  user.failures = rows.integer32(i, 5);
  user.locked_until = from_stored(rows.integer(i, 6));
  user.password_at = from_stored(rows.integer(i, 7));
  user.created_at = from_stored(rows.integer(i, 8));
  user.grants = grants_of(rows.bytes(i, 9));
  return user;
}

TokenRow token_of(const Rows& rows, std::size_t i) {
  TokenRow token;
  token.id.value = rows.integer(i, 0);
  token.name = rows.bytes(i, 1);
  token.hash = rows.bytes(i, 2);
  token.owner.value = rows.integer(i, 3);
  token.created_by = rows.bytes(i, 4);
  token.created_at = from_stored(rows.integer(i, 5));
  token.expires_at = from_stored(rows.integer(i, 6));
  token.used_at = from_stored(rows.integer(i, 7));
  token.revoked = rows.boolean(i, 8);
  token.grants = grants_of(rows.bytes(i, 9));
  return token;
}

SessionRow session_of(const Rows& rows, std::size_t i) {
  SessionRow session;
  session.id.value = rows.integer(i, 0);
  session.hash = rows.bytes(i, 1);
  session.user.value = rows.integer(i, 2);
  session.peer = rows.bytes(i, 3);
  session.created_at = from_stored(rows.integer(i, 4));
  session.seen_at = from_stored(rows.integer(i, 5));
  return session;
}

template <class Row>
Result<std::optional<Row>> first(const Result<Rows>& rows, Row (*read)(const Rows&, std::size_t)) {
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<Row>();
  return std::optional<Row>(read(*rows, 0));
}

template <class Row>
Result<std::vector<Row>> all(const Result<Rows>& rows, Row (*read)(const Rows&, std::size_t)) {
  if (!rows) return rows.error();
  std::vector<Row> found;
  for (std::size_t i = 0; i < rows->size(); ++i) found.push_back(read(*rows, i));
  return found;
}

}  // namespace

Status IdentityTables::done(const char* sql, const Params& params) {
  auto rows = pool_.query(sql, params);
  if (!rows) return rows.error();
  return Done{};
}

Result<UserId> IdentityTables::add_user(const UserRow& user) {
  GrantColumns grants(user.grants);
  Params params;
  params.bytes(user.name).bytes(user.password_hash).integer(user.disabled);
  params.integer(user.must_change).integer(to_stored(user.password_at));
  params.integer(to_stored(user.created_at));
  params.array(grants.roles.array()).array(grants.scopes.array());
  auto rows = pool_.query(add_user_sql, params);
  if (!rows) return rows.error();
  if (rows->empty()) return Error{ErrorKind::Conflict, "", "there is a user of this name"};
  return UserId{rows->integer(0, 0)};
}

Result<std::optional<UserRow>> IdentityTables::user(const std::string& name) {
  return first(pool_.query(user_by_name_sql, Params().bytes(name)), user_of);
}

Result<std::optional<UserRow>> IdentityTables::user(UserId id) {
  return first(pool_.query(user_by_id_sql, Params().integer(id.value)), user_of);
}

Result<std::vector<UserRow>> IdentityTables::users() {
  return all(pool_.query(users_sql), user_of);
}

Status IdentityTables::change_user(const UserRow& user) {
  Params params;
  params.integer(user.id.value).bytes(user.password_hash).integer(user.disabled);
  params.integer(user.must_change).normal(user.failures).integer(to_stored(user.locked_until));
  params.integer(to_stored(user.password_at));
  return done(change_user_sql, params);
}

Status IdentityTables::set_grants(UserId user, const std::vector<GrantRow>& grants) {
  GrantColumns columns(grants);
  Params params;
  params.integer(user.value).array(columns.roles.array()).array(columns.scopes.array());
  return done(set_grants_sql, params);
}

Result<TokenId> IdentityTables::add_token(const TokenRow& token) {
  GrantColumns grants(token.grants);
  Params params;
  params.bytes(token.name).bytes(token.hash).integer(token.owner.value).bytes(token.created_by);
  params.integer(to_stored(token.created_at)).integer(to_stored(token.expires_at));
  params.array(grants.roles.array()).array(grants.scopes.array());
  auto rows = pool_.query(add_token_sql, params);
  if (!rows) return rows.error();
  return TokenId{rows->integer(0, 0)};
}

Result<std::optional<TokenRow>> IdentityTables::token(const std::string& hash) {
  return first(pool_.query(token_sql, Params().bytes(hash)), token_of);
}

Result<std::vector<TokenRow>> IdentityTables::tokens() {
  return all(pool_.query(tokens_sql), token_of);
}

Status IdentityTables::token_used(TokenId token, SystemTime at) {
  return done(token_used_sql, Params().integer(token.value).integer(to_stored(at)));
}

Status IdentityTables::revoke_token(TokenId token) {
  auto rows = pool_.query(revoke_token_sql, Params().integer(token.value));
  if (!rows) return rows.error();
  if (rows->empty()) return Error{ErrorKind::NotFound, "", "no such token"};
  return Done{};
}

Result<SessionId> IdentityTables::add_session(const SessionRow& session) {
  Params params;
  params.bytes(session.hash).integer(session.user.value).bytes(session.peer);
  params.integer(to_stored(session.created_at)).integer(to_stored(session.seen_at));
  auto rows = pool_.query(add_session_sql, params);
  if (!rows) return rows.error();
  return SessionId{rows->integer(0, 0)};
}

Result<std::optional<SessionRow>> IdentityTables::session(const std::string& hash) {
  return first(pool_.query(session_sql, Params().bytes(hash)), session_of);
}

Result<std::vector<SessionRow>> IdentityTables::sessions(UserId user) {
  return all(pool_.query(sessions_sql, Params().integer(user.value)), session_of);
}

Status IdentityTables::session_seen(SessionId session, SystemTime at) {
  return done(session_seen_sql, Params().integer(session.value).integer(to_stored(at)));
}

Status IdentityTables::end_session(SessionId session) {
  return done(end_session_sql, Params().integer(session.value));
}

Status IdentityTables::end_sessions(UserId user, SessionId spared) {
  return done(end_sessions_sql, Params().integer(user.value).integer(spared.value));
}

Status IdentityTables::end_sessions_before(SystemTime created) {
  return done(end_sessions_before_sql, Params().integer(to_stored(created)));
}

}  // namespace causeway::store
