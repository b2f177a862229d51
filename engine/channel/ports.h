// What a channel works with. All outlive it.
#pragma once

#include "engine/core/clock.h"
#include "engine/core/executor.h"
#include "engine/core/failure.h"
#include "engine/core/log.h"
#include "engine/core/metrics.h"
#include "engine/core/store.h"
#include "engine/core/transformation.h"

namespace causeway::channel {

/// What a message that is sent through its channel again is to do, in place of what one that has
/// just come would.
struct ReplayOrder {
  DeploymentId through;  ///< Whose scripts it runs through; 0: the current one's.
  /// Its outputs for others are left out; empty: for none.
  std::vector<std::string> destinations;
  /// Instead of a run: what was made for these destinations is sent again, as it was.
  struct Sent {
    WorkRef work;
    std::string destination;
    MessageId edit = {};  ///< Whose content went in place of what was made; 0: none did.
  };
  std::vector<Sent> sent;
};

/// What replays (engine/core/replay.h) go through. Thread-safe; all but `workers` blocks.
class ReplayOrders {
 public:
  virtual ~ReplayOrders() = default;
  /// Of a message with the flag `replay`.
  virtual Result<ReplayOrder> order(const StoredMessage& message) = 0;
  /// What a person gave to a piece of held work last, in place of its own content.
  virtual Result<Body> edited(const WorkRef& work) = 0;
  /// NotFound: the channel has no such deployment.
  virtual Result<std::shared_ptr<const TransformationFactory>> transformation(
      ChannelId channel, DeploymentId deployment) = 0;
  /// Where that is executed, apart from what has just come.
  virtual RunWorkers& workers() = 0;
};

struct Ports {
  Journal& journal;
  WorkReader& reader;
  BodyStaging& staging;
  const KeyedHash& keyed_hash;
  RunWorkers& workers;
  Executor& executor;
  const Clock& clock;
  Log& log;
  Metrics& metrics;
  Failures* failures = nullptr;     ///< nullptr: causes are not noted.
  ReplayOrders* replays = nullptr;  ///< nullptr: none are ordered, and all run as arrivals do.
};

}  // namespace causeway::channel
