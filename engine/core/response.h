// A look at what a destination answered, before it is settled: a destination's own response script
// may see in it another outcome than the connector did.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/core/message.h"
#include "engine/core/outcome.h"
#include "engine/core/work.h"

namespace causeway {

class WorkReader;

struct ResponseInput {
  const StoredMessage& message;
  const StoredDelivery& sent;
  const Attempt& attempt;
};

struct ResponseResult {
  /// None: as the attempt says. An attempt without an answer stays Ambiguous whatever is said here.
  std::optional<Outcome> outcome;
  std::string text;  ///< Why, for the delivery's history.
  Bytes reply;       ///< For the sender, where its reply comes from this destination.
  SharedAttributes reply_attributes;
  /// It failed: the delivery counts as Rejected, for this reason.
  std::optional<Error> error;
  bool again = false;  ///< The store was away: it is void, and to be run again.
};

/// Made for one worker and used by one thread at a time; keeps nothing from one to the next.
class ResponseTransformation {
 public:
  virtual ~ResponseTransformation() = default;
  virtual ResponseResult run(const ResponseInput& input) = 0;
};

/// Thread-safe.
class ResponseTransformationFactory {
 public:
  virtual ~ResponseTransformationFactory() = default;
  virtual Result<std::unique_ptr<ResponseTransformation>> make() const = 0;
};

struct ResponseRequest {
  DestinationId destination;
  std::shared_ptr<const ResponseTransformationFactory> transformation;
  StoredDelivery sent;
  Attempt attempt;
  WorkReader* reader = nullptr;  ///< Has the message; outlives the call.
};

/// One look, of an instance. Blocks on the store.
ResponseResult look(ResponseTransformation& transformation, const ResponseRequest& request);

/// What an attempt becomes by what was said about it.
Attempt seen_through(Attempt attempt, ResponseResult seen);

}  // namespace causeway
