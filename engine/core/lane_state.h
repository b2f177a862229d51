// State that the runs of one lane leave to the next: what is behind a script's counters and named
// values. It belongs to (channel, first order key, name) and is committed with the passage of the
// run that changed it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"
#include "engine/core/work.h"

namespace causeway {

/// What a run may ask for. Used by the run's thread.
class StateReader {
 public:
  virtual ~StateReader() = default;
  /// The value as the lane's run before left it; none: there is none. The run itself keeps what it
  /// has changed. May block on the store. Invalid: the channel keeps no order; Limit; Unavailable.
  virtual Result<std::optional<std::string>> read(std::string_view name) = 0;
};

/// The states of all lanes of one channel. Thread-safe; may block on the store.
class LaneStates {
 public:
  virtual ~LaneStates() = default;
  virtual Result<std::optional<std::string>> read(std::uint64_t lane, std::string_view name) = 0;
};

/// One run's view of its lane's state. What has been read once stays the same, and is remembered.
class LaneView final : public StateReader {
 public:
  /// No keys: the channel keeps no order.
  LaneView(LaneStates* states, const OrderKeys& keys) : states_(states), keys_(keys) {}

  Result<std::optional<std::string>> read(std::string_view name) override;
  /// As inputs of the passage.
  std::vector<RecordedInput> take_reads();
  /// The store was away: what the run made without it is void.
  bool unavailable() const { return unavailable_; }

 private:
  LaneStates* states_;
  const OrderKeys& keys_;
  std::map<std::string, std::optional<std::string>, std::less<>> reads_;
  std::size_t bytes_ = 0;
  bool unavailable_ = false;
};

/// What is wrong with what a run was told, if anything: number, sizes.
Status check_inputs(const std::vector<RecordedInput>& inputs);
/// What is wrong with a run's changes, if anything: number, sizes, a channel without order.
Status check_changes(const std::vector<StateChange>& changes, const OrderKeys& keys);

}  // namespace causeway
