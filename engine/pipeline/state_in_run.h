// The state of a lane as the stages of one run see it: what an earlier stage or part has changed,
// then what the run before has left. Used by the run's thread.
#pragma once

#include "engine/core/lane_state.h"

namespace causeway::pipeline {

class StateInRun final : public StateReader {
 public:
  explicit StateInRun(StateReader* lane) : lane_(lane) {}

  /// Only where there is a lane.
  Result<std::optional<std::string>> read(std::string_view name) override;
  /// Limit: more names than one run may change.
  Status keep(std::vector<StateChange> changes);
  /// All changes, each name once.
  std::vector<StateChange> take() { return std::move(changes_); }

 private:
  StateReader* lane_;
  std::vector<StateChange> changes_;
};

}  // namespace causeway::pipeline
