// What stored messages have been through, for replays and dry runs: originals, the scripts of
// earlier deployments, and a worker of its own on which those run.
//
// Thread-safe: one mutex over the scripts that are at hand. Blocks on the store.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "engine/api/names.h"
#include "engine/api/trials.h"
#include "engine/channel/replay_order.h"
#include "engine/main/channel_version.h"
#include "engine/pipeline/run_workers.h"
#include "engine/store/store.h"

namespace causeway {

class PastRuns final : public channel::ReplayOrders {
 public:
  static constexpr std::size_t kept_max = 8;  ///< Deployments whose scripts are kept at hand.
  /// What a channel runs with now; nullptr: it is not deployed.
  using Current = std::function<std::shared_ptr<const ChannelVersion>(const std::string& path)>;

  /// The store outlives it.
  PastRuns(store::PostgresStore& store, Current current);
  ~PastRuns() override;
  void stop();

  Result<channel::Original> original(MessageId id);
  Result<api::Trial> try_run(MessageId id, const ReplayPlan& plan);

  // ReplayOrders
  Result<channel::ReplayOrder> order(const StoredMessage& message) override;
  Result<Body> edited(const WorkRef& work) override;
  Result<std::shared_ptr<const TransformationFactory>> transformation(
      ChannelId channel, DeploymentId deployment) override;
  RunWorkers& workers() override { return workers_; }

 private:
  using Factory = std::shared_ptr<const TransformationFactory>;
  struct Kept {
    DeploymentId deployment;
    Factory factory;
  };
  Result<Factory> make(ChannelId channel, DeploymentId deployment);
  Result<Factory> factory_for(const StoredMessage& message, const channel::ReplayOrder& order);
  Result<std::vector<RunOutput>> outputs_of(const channel::Original& original);
  Result<RunResult> run(const StoredMessage& message, const channel::ReplayOrder& order,
                        std::vector<RecordedInput> told);

  store::PostgresStore& store_;
  const Current current_;
  api::Names names_;
  pipeline::ThreadedRunWorkers workers_{1};
  std::mutex mutex_;
  std::deque<Kept> kept_;  // guarded by mutex_; the longest unused goes first
};

}  // namespace causeway
