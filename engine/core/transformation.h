// The pure function in the middle of a channel: (message bytes, deployment, recorded inputs) →
// outputs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/core/work.h"

namespace causeway {

struct RunInput {
  const StoredMessage& message;
  RunNumber run{1};
  Cause cause = Cause::Arrival;
};

struct RunOutput {
  std::string destination;  ///< By its name in the channel's config.
  ContentType content_type = ContentType::Binary;
  Body body;
  bool same_as_input = false;  ///< `body` is the message's own.
};

struct RunResult {
  RunState state = RunState::Passed;  ///< Passed, Filtered or Failed.
  /// In the order in which each destination is to get them; limits::outputs_max and outputs_bytes.
  std::vector<RunOutput> outputs;
  std::vector<Step> steps;  ///< The last has `error` set if Failed.
  Bytes reply;              ///< From the script (ctx.reply), if it gave one.
};

/// One deployed pipeline, instantiated for one worker: used by one thread at a time, keeps no state
/// from run to run that a run could see.
class Transformation {
 public:
  virtual ~Transformation() = default;
  virtual RunResult run(const RunInput& input) = 0;
};

/// Makes a worker's own instance; thread-safe.
class TransformationFactory {
 public:
  virtual ~TransformationFactory() = default;
  virtual Result<std::unique_ptr<Transformation>> make() const = 0;
};

/// Where runs are executed: each worker thread keeps an instance per channel. `run` calls `done`
/// on the worker's thread, never from within `run`. Thread-safe.
class RunWorkers {
 public:
  using OnResult = std::function<void(RunResult)>;
  virtual ~RunWorkers() = default;
  virtual void run(ChannelId channel, std::shared_ptr<const TransformationFactory> transformation,
                   std::shared_ptr<const StoredMessage> message, RunNumber run, Cause cause,
                   OnResult done) = 0;
};

}  // namespace causeway
