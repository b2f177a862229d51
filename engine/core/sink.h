// The sending end of a channel (see source.h for the other).
#pragma once

#include "engine/core/source.h"

namespace causeway {

/// Thread-safe.
class Sink {
 public:
  /// Called exactly once per `deliver`, on any thread but never from within it.
  using OnOutcome = std::function<void(Attempt)>;

  virtual ~Sink() = default;

  virtual Status start() = 0;
  /// Tries that have sent nothing end as Deferred(Stopped); others are waited for up to `grace` and
  /// then end as Ambiguous. All outcomes have been reported when it returns. Idempotent.
  virtual void stop(Milliseconds grace) = 0;

  /// Starts one try. The caller has made durable that it is being made. At most `concurrency()`
  /// tries are worth making at once; more wait inside.
  virtual void deliver(StoredDelivery delivery, OnOutcome on_outcome) = 0;
  virtual int concurrency() const = 0;

  virtual Probe probe() = 0;
  virtual std::string address() const = 0;
};

}  // namespace causeway
