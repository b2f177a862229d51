// The pure function in the middle of a channel: (message bytes, deployment, recorded inputs) →
// outputs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/core/lane_state.h"
#include "engine/core/response.h"
#include "engine/core/work.h"

namespace causeway {

struct RunInput {
  const StoredMessage& message;
  RunNumber run{1};
  Cause cause = Cause::Arrival;
  StateReader* state = nullptr;  ///< Null: none may be asked for.
  /// Set where a run is repeated with the inputs of another: stages then ask nobody else.
  const std::vector<RecordedInput>* recorded = nullptr;
};

struct RunOutput {
  std::string destination;  ///< By its name in the channel's config.
  ContentType content_type = ContentType::Binary;
  Body body;
  bool same_as_input = false;  ///< `body` is the message's own.
  SharedAttributes attributes = {};
};

struct RunResult {
  RunState state = RunState::Passed;  ///< Passed, Filtered or Failed.
  /// In the order in which each destination is to get them; limits::outputs_max and outputs_bytes.
  std::vector<RunOutput> outputs;
  std::vector<Step> steps;  ///< The last has `error` set if Failed.
  Bytes reply;              ///< From the script (ctx.reply), if it gave one.
  SharedAttributes reply_attributes;
  /// What stages were told. Reads of state are added by `execute`.
  std::vector<RecordedInput> inputs;
  std::vector<StateChange> changes;  ///< Of the lane's state; void if it failed.
  bool again = false;                ///< The store was away: it is void, and to be run again.
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
  /// Its runs may wait for others (look-ups), so they must not keep a processor's thread.
  virtual bool waits() const { return false; }
};

struct RunRequest {
  ChannelId channel;
  std::shared_ptr<const TransformationFactory> transformation;
  std::shared_ptr<const StoredMessage> message;
  RunNumber run{1};
  Cause cause = Cause::Arrival;
  LaneStates* states = nullptr;  ///< Outlives the run.
};

/// One run of an instance, with its lane's state; what it read of that is among its inputs.
RunResult execute(Transformation& transformation, const RunRequest& request);

/// Where runs are executed: each worker thread keeps an instance per channel. `run` and `respond`
/// call `done` on the worker's thread, never from within the call. Thread-safe.
class RunWorkers {
 public:
  using OnResult = std::function<void(RunResult)>;
  using OnResponse = std::function<void(ResponseResult)>;
  virtual ~RunWorkers() = default;
  virtual void run(RunRequest request, OnResult done) = 0;
  virtual void respond(std::shared_ptr<const ResponseRequest> request, OnResponse done) = 0;
};

}  // namespace causeway
