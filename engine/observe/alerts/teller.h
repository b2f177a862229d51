// Tells recipients of alerts: by webhook (HTTP POST of JSON), by e-mail (SMTP, with STARTTLS or
// over TLS), or to a log (syslog, RFC 5424, over UDP, or TCP with RFC 6587's counts). Thread-safe;
// blocks, at most about `patience` for each step of a protocol.
#pragma once

#include "engine/core/secrets.h"
#include "engine/observe/alerts/alert_book.h"

namespace causeway::observe {

class Teller {
 public:
  virtual ~Teller() = default;
  /// Once it is known to have arrived, as far as the protocol can tell. Errors: Unavailable,
  /// Refused, NotFound (a secret).
  virtual Status tell(const Recipient& recipient, const Notice& notice) = 0;
};

class NetworkTeller final : public Teller {
 public:
  static constexpr auto patience = std::chrono::seconds(10);

  /// nullptr: a recipient with a secret can't be told.
  explicit NetworkTeller(const Secrets* secrets) : secrets_(secrets) {}
  Status tell(const Recipient& recipient, const Notice& notice) override;

 private:
  Result<std::string> secret_of(const Recipient& recipient) const;
  const Secrets* secrets_;
};

/// What a webhook gets: event, rule, severity, channel, subject, text, opened, resolved, id.
std::string notice_json(const Notice& notice);
/// "CRITICAL opened: lab_is_quiet: lab/oru_in: no message for 20 min"
std::string notice_line(const Notice& notice);

}  // namespace causeway::observe
