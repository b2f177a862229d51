// What a channel runs with: made by deploying a revision, immutable, shared by reference.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/channel/message_keys.h"
#include "engine/channel/policy.h"
#include "engine/core/sink.h"
#include "engine/core/transformation.h"

namespace causeway::channel {

/// Where a hop goes. Thread-safe.
class HopTarget {
 public:
  virtual ~HopTarget() = default;
  /// The arrival that this draft will be in the target; pure.
  virtual Arrival prepare(Draft draft) const = 0;
  /// It has been committed, with the passage that made it.
  virtual void arrived(std::shared_ptr<const StoredMessage> message) = 0;
};

struct Destination {
  std::string name;
  DestinationId id;
  DestinationPolicy policy;
  Sink* sink = nullptr;  ///< Outlives the deployment; nullptr: deliveries wait; or
  HopTarget* target =
      nullptr;  ///< another channel: the message is accepted there with the passage.
  /// Looks at what comes back before it is settled; may be null. With `sink`.
  std::shared_ptr<const ResponseTransformationFactory> response = nullptr;
  /// Removed: nothing new goes there, and what is open is still sent.
  bool leaving = false;
};

struct Deployment {
  DeploymentId id;
  Source* source = nullptr;  ///< Outlives the deployment; nullptr: fed by hops alone.
  ContentType content_type = ContentType::Hl7v2;
  KeyRules keys;
  Duplicates duplicates = Duplicates::Mark;
  ReplyPolicy reply;
  Trouble on_error = Trouble::HoldLane;
  std::int64_t queue_max = 0;  ///< Waiting runs at which the source stops reading; 0: no limit.
  std::shared_ptr<const TransformationFactory> transformation;
  std::vector<Destination> destinations;
  /// Of earlier deployments: what is still open for them is parked.
  std::vector<Destination> removed;

  bool sends_to(DestinationId destination) const {
    return std::any_of(destinations.begin(), destinations.end(),
                       [&](const auto& each) { return each.id == destination; });
  }
};

}  // namespace causeway::channel
