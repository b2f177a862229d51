#include "engine/security/identity.h"

#include <algorithm>

#include "engine/security/passwords.h"

namespace causeway::security {
namespace {

constexpr std::string_view token_prefix = "cwt_";
constexpr std::size_t secret_bytes_max = 128;
constexpr auto seen_every = std::chrono::minutes(1);

/// A name from the wire may be anything; what is remembered of it isn't.
std::string bounded(const std::string& name) {
  return name.substr(0, user_name_bytes_max + 1);
}

}  // namespace

bool is_user_name(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '@';
  };
  return !name.empty() && name.size() <= user_name_bytes_max &&
         std::all_of(name.begin(), name.end(), good);
}

bool is_scope(std::string_view scope) {
  if (scope.empty()) return true;
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  return scope.size() <= scope_bytes_max && scope.front() != '/' && scope.back() != '/' &&
         scope.find("//") == std::string_view::npos &&
         std::none_of(scope.begin(), scope.end(), control);
}

std::vector<Grant> grants_of(const std::vector<GrantRow>& rows) {
  std::vector<Grant> grants;
  for (const auto& row : rows)
    if (const auto role = parse_role(row.role)) grants.push_back({*role, row.scope});
  return grants;
}

std::vector<GrantRow> rows_of(const std::vector<Grant>& grants) {
  std::vector<GrantRow> rows;
  for (const auto& grant : grants)
    rows.push_back({std::string(to_string(grant.role)), grant.scope});
  return rows;
}

std::string Identity::secret_hash(std::string_view domain, std::string_view secret) const {
  std::string bytes;
  for (const char* part : {"/0", "/1"}) {
    const auto hash = hash_.hash(std::string(domain) + part, secret);
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(hash >> shift);
  }
  return bytes;
}

std::string Identity::csrf_token(std::string_view session_secret) const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char each : secret_hash("csrf", session_secret)) {
    text += digits[static_cast<unsigned char>(each) >> 4];
    text += digits[static_cast<unsigned char>(each) & 15];
  }
  return text;
}

Caller Identity::caller_of(const UserRow& user) const {
  Caller caller;
  caller.name = user.name;
  caller.user = user.id.value;
  caller.must_change_password = user.must_change;
  if (!user.must_change) caller.grants = grants_of(user.grants);
  return caller;
}

Result<Caller> Identity::by_token(std::string_view token) {
  if (!token.starts_with(token_prefix) || token.size() > secret_bytes_max) return Caller();
  auto found = store_.token(secret_hash("token", token));
  if (!found) return found.error();
  const auto now = clock_.now();
  if (!*found || (*found)->revoked || (*found)->expires_at <= now) return Caller();
  const auto& row = **found;
  Caller caller;
  caller.name = "token " + row.name;
  caller.proof = Proof::Token;
  caller.user = row.owner.value;
  caller.grants = grants_of(row.grants);
  if (row.owner) {
    auto owner = store_.user(row.owner);
    if (!owner) return owner.error();
    if (!*owner || (*owner)->disabled) return Caller();
    caller.limits = grants_of((*owner)->grants);
  }
  if (now - row.used_at >= seen_every)
    if (auto noted = store_.token_used(row.id, now); !noted) return noted.error();
  return caller;
}

Result<Caller> Identity::by_session(std::string_view secret) {
  if (secret.empty() || secret.size() > secret_bytes_max) return Caller();
  auto found = store_.session(secret_hash("session", secret));
  if (!found) return found.error();
  if (!*found) return Caller();
  const auto& row = **found;
  const auto now = clock_.now();
  if (now - row.created_at >= session_age_max || now - row.seen_at >= session_idle_max) {
    if (auto ended = store_.end_session(row.id); !ended) return ended.error();
    return Caller();
  }
  auto user = store_.user(row.user);
  if (!user) return user.error();
  if (!*user || (*user)->disabled) return Caller();
  if (now - row.seen_at >= seen_every)
    if (auto noted = store_.session_seen(row.id, now); !noted) return noted.error();
  auto caller = caller_of(**user);
  caller.proof = Proof::Session;
  caller.session = row.id.value;
  return caller;
}

SystemTime Identity::locked_until(const std::string& name) {
  auto user = store_.user(bounded(name));
  if (user && *user) return (*user)->locked_until;
  return unknown_.locked_until(bounded(name));
}

Status Identity::failed(UserRow user) {
  ++user.failures;
  user.locked_until = clock_.now() + lockout_after(user.failures);
  return store_.change_user(user);
}

// Whoever is locked out is not even compared: a right guess would be told by its success.
Result<Identity::LogIn> Identity::log_in(const std::string& name, const std::string& password,
                                         std::string_view session_before, const std::string& peer) {
  const Error refused{ErrorKind::NotPermitted, "", "no such user, or another password"};
  const auto now = clock_.now();
  if (locked_until(name) > now) return Error{ErrorKind::Limit, "", "too many failures"};
  if (password.size() > password_bytes_max) return refused;
  auto found = store_.user(bounded(name));
  if (!found) return found.error();
  if (!*found) {
    password_matches(password, "");
    unknown_.failed(bounded(name), now);
    return refused;
  }
  auto user = **found;
  const bool expired = user.must_change && now - user.password_at >= one_time_age_max;
  if (!password_matches(password, user.password_hash) || user.disabled || expired) {
    if (auto noted = failed(user); !noted) return noted.error();
    return refused;
  }
  if (user.failures > 0) {
    user.failures = 0;
    user.locked_until = {};
    if (auto changed = store_.change_user(user); !changed) return changed.error();
  }
  if (auto before = by_session(session_before); before && before->session != 0)
    if (auto ended = store_.end_session(SessionId{before->session}); !ended) return ended.error();
  if (auto swept = store_.end_sessions_before(now - session_age_max); !swept) return swept.error();
  return begin_session(user, peer);
}

Result<Identity::LogIn> Identity::begin_session(const UserRow& user, const std::string& peer) {
  LogIn log_in;
  log_in.session_secret = random_secret();
  log_in.caller = caller_of(user);
  log_in.caller.proof = Proof::Session;
  const auto now = clock_.now();
  auto id = store_.add_session(
      {{}, secret_hash("session", log_in.session_secret), user.id, peer, now, now});
  if (!id) return id.error();
  log_in.caller.session = id->value;
  return log_in;
}

Status Identity::log_out(const Caller& caller) {
  if (caller.session == 0) return Done{};
  return store_.end_session(SessionId{caller.session});
}

Result<UserRow> Identity::user(const std::string& name) {
  auto found = store_.user(bounded(name));
  if (!found) return found.error();
  if (!*found) return Error{ErrorKind::NotFound, "", "no such user"};
  return std::move(**found);
}

Result<std::string> Identity::add_user(const std::string& name, const std::vector<Grant>& grants) {
  if (!is_user_name(name) || name == local_name)
    return Error{ErrorKind::Invalid, "name", "letters, digits, '.', '-', '_' and '@'; at most 64"};
  const auto password = one_time_password();
  UserRow user;
  user.name = name;
  user.password_hash = hash_password(password);
  user.must_change = true;
  user.password_at = user.created_at = clock_.now();
  user.grants = rows_of(grants);
  auto id = store_.add_user(user);
  if (!id) return id.error();
  return password;
}

Result<std::string> Identity::reset_password(const std::string& name) {
  auto found = user(name);
  if (!found) return found.error();
  const auto password = one_time_password();
  found->password_hash = hash_password(password);
  found->must_change = true;
  found->failures = 0;
  found->locked_until = {};
  found->password_at = clock_.now();
  if (auto changed = store_.change_user(*found); !changed) return changed.error();
  if (auto ended = store_.end_sessions(found->id, {}); !ended) return ended.error();
  return password;
}

Status Identity::change_password(const Caller& caller, const std::string& old_password,
                                 const std::string& new_password) {
  auto found = user(caller.name);
  if (!found) return found.error();
  if (found->locked_until > clock_.now()) return Error{ErrorKind::Limit, "", "too many failures"};
  if (old_password.size() > password_bytes_max ||
      !password_matches(old_password, found->password_hash)) {
    if (auto noted = failed(*found); !noted) return noted;
    return Error{ErrorKind::NotPermitted, "old_password", "is another"};
  }
  if (auto good = check_password_policy(new_password, caller.name); !good) return good;
  if (new_password == old_password) return Error{ErrorKind::Invalid, "password", "is the old one"};
  found->password_hash = hash_password(new_password);
  found->must_change = false;
  found->failures = 0;
  found->password_at = clock_.now();
  if (auto changed = store_.change_user(*found); !changed) return changed;
  return store_.end_sessions(found->id, SessionId{caller.session});
}

Status Identity::set_disabled(const std::string& name, bool disabled) {
  auto found = user(name);
  if (!found) return found.error();
  found->disabled = disabled;
  if (auto changed = store_.change_user(*found); !changed) return changed;
  return disabled ? store_.end_sessions(found->id, {}) : Status(Done{});
}

Status Identity::set_grants(const std::string& name, const std::vector<Grant>& grants) {
  auto found = user(name);
  if (!found) return found.error();
  return store_.set_grants(found->id, rows_of(grants));
}

Status Identity::end_sessions(const std::string& name) {
  auto found = user(name);
  if (!found) return found.error();
  return store_.end_sessions(found->id, {});
}

Result<std::vector<SessionRow>> Identity::sessions_of(const Caller& caller) {
  if (caller.user == 0) return std::vector<SessionRow>();
  return store_.sessions(UserId{caller.user});
}

Result<Identity::NewToken> Identity::add_token(const Caller& by, const std::string& name,
                                               const std::vector<Grant>& grants,
                                               SystemTime expires_at) {
  if (!is_user_name(name))
    return Error{ErrorKind::Invalid, "name", "letters, digits, '.', '-', '_' and '@'; at most 64"};
  const auto now = clock_.now();
  if (expires_at <= now || expires_at > now + token_age_max)
    return Error{ErrorKind::Invalid, "expires_in_days", "a token lives for up to a year"};
  NewToken made;
  made.token = std::string(token_prefix) + random_secret();
  TokenRow row;
  row.name = name;
  row.hash = secret_hash("token", made.token);
  row.owner = UserId{by.user};
  row.created_by = by.name;
  row.created_at = now;
  row.expires_at = expires_at;
  row.grants = rows_of(grants);
  auto id = store_.add_token(row);
  if (!id) return id.error();
  made.id = *id;
  return made;
}

Result<std::string> Identity::make_first_administrator() {
  auto users = store_.users();
  if (!users) return users.error();
  if (!users->empty()) return std::string();
  auto password = add_user(first_administrator, {{Role::Administrator, ""}});
  if (!password && password.error().kind == ErrorKind::Conflict) return std::string();
  return password;
}

}  // namespace causeway::security
