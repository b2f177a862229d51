// Dry runs: what a replay would make of a stored message, beside what was sent for it. Nothing is
// stored or sent. Plain values.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/replay.h"
#include "engine/core/work.h"

namespace causeway::api {

struct TrialDifference {
  std::string place;  ///< "PID-3.1", "/id", "line 3"
  std::string sent;   ///< As it was sent; empty: it was not there.
  std::string now;
};

struct TrialDelivery {
  std::string destination;
  std::uint16_t part = 0;
  bool was_sent = false;
  bool is_now = false;
  std::vector<TrialDifference> differences;  ///< Where both are: none: it is the same.
};

struct Trial {
  MessageId message;
  RunState state = RunState::Passed;
  std::optional<RunState> before;  ///< How its last run ended; nothing: none has.
  std::optional<Error> error;      ///< Why it would fail. May quote the message.
  std::vector<TrialDelivery> deliveries;
};

/// Blocks on the store and on the run. NotFound: no such message, or its content is gone.
using TrialRun = std::function<Result<Trial>(MessageId, const ReplayPlan&)>;

}  // namespace causeway::api
