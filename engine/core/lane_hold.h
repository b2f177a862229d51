// What a person has stopped in a queue, and why: one lane, or all of it. Nothing of it is begun
// until a person lets it go; what was under way when it was stopped ends as ever. Plain values; the
// port is thread-safe and blocks on the database.
#pragma once

#include <string>
#include <vector>

#include "engine/core/work.h"

namespace causeway {

/// A lane, by its order key.
struct HeldLane {
  static constexpr std::uint64_t whole_queue = 0;  ///< In place of a key: every lane.

  WorkQueue queue;
  std::uint64_t lane = whole_queue;
  auto operator<=>(const HeldLane&) const = default;
};

struct LaneHold {
  HeldLane held;
  MessageId named_by;  ///< A message of the lane, by which it was named; 0: the whole queue.
  SystemTime since;
  std::string by;
  std::string reason;  ///< Sealed when stored.
};

class LaneHolds {
 public:
  virtual ~LaneHolds() = default;
  /// The newest for a lane holds.
  virtual Status put(const std::vector<LaneHold>& holds) = 0;
  /// False: none of them was held.
  virtual Result<bool> remove(const std::vector<HeldLane>& lanes) = 0;
  /// By queue and lane.
  virtual Result<std::vector<LaneHold>> all() = 0;
};

}  // namespace causeway
