// A session with a mail server, by libcurl: connected, secured, logged in, and then kept for
// several mails.
//
// Used by one thread, which it blocks up to the time-outs, or until the flag it was made with is
// set.
// Standard: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 8314 (TLS from the start).
#pragma once

#include <atomic>
#include <memory>

#include "connectors/email/fields.h"
#include "engine/core/outcome.h"

namespace causeway::connectors::email {

struct Envelope {
  std::string from;
  std::vector<std::string> to;
};

class SmtpSession {
 public:
  /// Both outlive it.
  SmtpSession(const ServerSettings& settings, const std::atomic<bool>& stop);
  ~SmtpSession();
  SmtpSession(const SmtpSession&) = delete;

  /// How the try ended. All recipients, or none: one that is refused ends it before the text.
  Attempt send(const Envelope& envelope, const std::string& text);
  /// Connects and logs in. Error: why it can't be.
  Status try_log_in();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

/// "smtp://host:587", "smtps://host:465".
std::string address_of(const ServerSettings& settings);

}  // namespace causeway::connectors::email
