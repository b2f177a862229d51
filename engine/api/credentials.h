// Who a request is from: an API token or the local one (Authorization: Bearer), or a session
// (cookie). A change by a session needs its CSRF token besides (X-CSRF-Token): a browser sends
// cookies along with what other sites make it ask, this header it doesn't. Thread-safe; blocks on
// the store.
#pragma once

#include <optional>
#include <string>

#include "engine/api/exchange.h"
#include "engine/security/identity.h"

namespace causeway::api {

inline constexpr std::string_view session_cookie = "causeway_session";
/// With the local token: the name of who uses it on the machine. It is believed, since who can read
/// that token may do everything anyway.
inline constexpr std::string_view local_user_header = "x-causeway-user";

class Credentials {
 public:
  Credentials(security::Identity& identity, std::string local_token)
      : identity_(identity), local_token_(std::move(local_token)) {}

  /// Proof::None: nobody that is known. An error: it can't be known just now.
  Result<security::Caller> caller_of(const HttpRequest& request) const;
  /// Whether a change may be made: not by a session without its CSRF token.
  bool may_change(const HttpRequest& request, const security::Caller& caller) const;

 private:
  security::Identity& identity_;
  const std::string local_token_;
};

/// The value of a cookie (RFC 6265, 4.2); empty: none.
std::string_view cookie(const HttpRequest& request, std::string_view name);
/// The header that sets the session's cookie; with an empty secret: that takes it away.
std::string session_cookie_header(std::string_view secret, bool only_over_tls);

}  // namespace causeway::api
