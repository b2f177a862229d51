// The access token that a sink shows: fetched when one is needed, kept until it is about to expire.
//
// Loop's thread alone. Errors hold nothing of secrets or tokens.
// Standard: RFC 6749 section 4.4 (client credentials), RFC 7523 section 2.2 (private_key_jwt).
#pragma once

#include <deque>

#include "connectors/http/sink_fields.h"
#include "engine/core/clock.h"

namespace causeway::connectors::http {

/// A JWT by which the client shows who it is. Errors: Invalid (the key can't be read).
Result<std::string> client_assertion(const TokenRequestSettings& settings, SystemTime now,
                                     const std::string& id);

class AccessToken final : private ClientConnection::Host {
 public:
  using OnToken = std::function<void(Result<std::string>)>;

  AccessToken(EventLoop& loop, const Clock& clock, TokenRequestSettings settings);

  /// The one that is still good; empty: none.
  std::string current() const;
  /// At once, or later on the loop.
  void get(OnToken on_token);
  /// The server refused this one.
  void refused(const std::string& token);
  void give_up();  ///< Whoever waits gets Stopped.

 private:
  bool may_send() const override { return true; }
  void opened() override {}
  void closed(std::string_view) override {}

  void fetch();
  Result<std::string> form() const;
  void fetched(Result<ClientAnswer> answer);
  Result<std::string> read(const Result<ClientAnswer>& answer);

  const Clock& clock_;
  const TokenRequestSettings settings_;
  ClientConnection connection_;
  std::string token_;
  SteadyTime until_;
  std::deque<OnToken> waiting_;
};

}  // namespace causeway::connectors::http
