// What an exchange says of a delivery. Pure.
// Standard: RFC 9110 sections 10.2.3 (Retry-After) and 15 (status codes).
#pragma once

#include "connectors/http/client_connection.h"
#include "connectors/http/soap.h"
#include "engine/core/outcome.h"

namespace causeway::connectors::http {

struct OutcomeRules {
  bool idempotent = false;
  SystemTime now{};
};

/// 2xx Delivered; 408, 425, 429, 5xx Deferred; all else Rejected. Without an answer: Deferred until
/// the request has left whole, then Ambiguous, unless it is idempotent.
Attempt attempt_of(const Result<ClientAnswer>& answer, ClientStage stage,
                   const OutcomeRules& rules);

/// What the envelope of the answer says besides.
Attempt soap_attempt(Attempt attempt, const ClientAnswer& answer, Soap version, bool idempotent);

/// Seconds, or a date; none: neither, or already over.
std::optional<Milliseconds> retry_after(std::string_view value, SystemTime now);

}  // namespace causeway::connectors::http
