// The two ends of a channel: Source reads messages in, Sink sends them out. A connector implements
// one or both, and nothing else of the engine is seen by it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/core/intake.h"
#include "engine/core/outcome.h"
#include "engine/core/work.h"

namespace causeway {

/// What `probe` found, in words for an operator.
struct Probe {
  bool good = false;
  std::string text;
};

/// Thread-safe.
class Source {
 public:
  virtual ~Source() = default;

  /// Begins to offer messages to `intake`, which outlives the source. Fails if it can't listen.
  virtual Status start(Intake& intake) = 0;
  /// No new message is read; open connections are closed once their replies are out, or after
  /// `grace`. Returns when no callback into the intake is to come. Idempotent.
  virtual void stop(Milliseconds grace) = 0;
  /// Stops reading (the peer feels it as back-pressure) or goes on.
  virtual void pause(bool paused) = 0;
  /// Takes the listening socket of an earlier source of the same kind and address, which goes on
  /// with the connections it has; what connects from then on comes here, and waits for `start`.
  /// False: it can't be had, and nothing has changed. Can be undone the other way round.
  virtual bool take_over(Source& earlier) {
    (void)earlier;
    return false;
  }

  virtual Probe probe() = 0;
  /// Where it listens or reads, for people: "mllp://127.0.0.1:6661".
  virtual std::string address() const = 0;

  /// A verdict in the protocol's words, for this message; empty: nothing is to be sent. One that is
  /// verbatim is put in the protocol's frame, if that has to be known beforehand. Not asked for one
  /// that is composed.
  /// Pure; any thread.
  virtual std::string compose_reply(std::string_view message, const Verdict& verdict) const = 0;
};

}  // namespace causeway
