// Lanes that a person stops, and lets go again: one lane, named by a message that is or was in it,
// or a whole queue. A hold is durable before it works and gone before it ends, so it stands over
// restarts.
//
// Thread-safe. Blocks on the store: not for the event loop.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "engine/channel/channel.h"
#include "engine/core/lane_hold.h"

namespace causeway::channel {

struct HoldSelection {
  WorkQueue queue;
  std::optional<MessageId> lane_of = {};  ///< Its lanes in this queue; none: the whole queue.
  bool all = false;                       ///< To let go: all that is held in the queue.
};

class Holding {
 public:
  static constexpr std::size_t holds_max = 10'000;  ///< In an installation, together.

  using Find = std::function<Channel*(ChannelId)>;  ///< nullptr: it doesn't run.

  /// All outlive it.
  Holding(LaneHolds& holds, WorkReader& reader, Find find)
      : holds_(holds), reader_(reader), find_(std::move(find)) {}

  /// Holds what is selected, and says which lanes these are. NotFound: there is no such message in
  /// this channel, or the channel doesn't run; Conflict: the message is in no lane; Limit.
  Result<std::vector<HeldLane>> hold(const HoldSelection& selection, const std::string& by,
                                     const std::string& reason, SystemTime now);
  /// NotFound: nothing of it is held.
  Result<std::vector<HeldLane>> let_go(const HoldSelection& selection);
  Result<std::vector<LaneHold>> all() { return holds_.all(); }

 private:
  Result<std::vector<HeldLane>> lanes_of(const HoldSelection& selection);

  LaneHolds& holds_;
  WorkReader& reader_;
  const Find find_;
  std::mutex mutex_;  // one change at a time, over its rows and what follows from them
};

}  // namespace causeway::channel
