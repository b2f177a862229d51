// A verdict as an HL7 acknowledgement. Thread-safe.
// Standard: HL7 v2.x chapter 2.9: original mode answers with AA, AE, AR; enhanced mode with CA, CE,
// CR once the message is stored, and with AA, AE, AR once it is processed.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "engine/core/clock.h"
#include "engine/core/intake.h"

namespace causeway::connectors::mllp {

class VerdictReply {
 public:
  explicit VerdictReply(const Clock& clock);
  /// Empty: the message asks for no such answer. Never an acceptance of what has no readable MSH.
  std::string compose(std::string_view message, const Verdict& verdict) const;
  /// To a frame that held a batch: `header` is its BHS or FHS, or empty.
  std::string compose_batch(std::string_view header, const std::vector<std::string>& replies) const;

 private:
  const Clock& clock_;
  std::string control_id_prefix_;
  mutable std::atomic<std::uint64_t> next_{1};
};

}  // namespace causeway::connectors::mllp
