// How a try to send ended (Outcome), and what an attempt says about it (Attempt).
#pragma once

#include <optional>
#include <string>

#include "engine/core/attributes.h"
#include "engine/core/body.h"
#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway {

/// The number is stored: append only.
enum class Outcome : std::uint8_t {
  Delivered = 1,  ///< Accepted by the destination.
  Deferred = 2,   ///< Provably not accepted: retry freely.
  Ambiguous = 3,  ///< May have been accepted: the connection or the answer was lost after sending.
  Rejected = 4,   ///< Refused for what it is: sending it again won't help.
};

std::string_view to_string(Outcome outcome);

/// One try at sending one delivery, as the sink reports it.
struct Attempt {
  Outcome outcome = Outcome::Deferred;
  std::string response;  ///< The destination's answer as received; cut at limits::response_bytes.
  SharedAttributes response_attributes;  ///< What its protocol says of the answer. Not stored.
  Bytes reply;   ///< From a response script: for the sender, in place of the answer.
  Error reason;  ///< Why it is not Delivered; kind None if it is.
  /// True when it says something about the destination (refused connection, DNS, TLS), not about
  /// this message: the whole destination then backs off, not just this lane.
  bool destination_down = false;
  std::optional<Milliseconds> retry_after;  ///< As the destination asked for (HTTP Retry-After).
};

}  // namespace causeway
