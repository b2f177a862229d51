// One simulated world: senders, engines that crash and are taken over from, receivers that
// misbehave. All chance comes from one seed; the same seed replays exactly.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/channel/channel.h"
#include "tests/simulation/ledger.h"
#include "tests/support/events.h"
#include "tests/support/memory_store.h"

namespace causeway::simulation {

/// How much goes wrong, drawn from the seed.
struct Weather {
  int connections = 4;
  int patients_per_connection = 3;
  int messages_per_connection = 25;
  unsigned kills = 2;
  unsigned takeovers = 1;
  unsigned store_fault_percent = 3;
  unsigned lost_answer_percent = 3;
  unsigned rejected_percent = 2;
  unsigned deferred_percent = 4;
  unsigned failing_script_percent = 1;
  unsigned outages = 1;  ///< Of destinations.
  unsigned clock_jumps = 1;
  unsigned redeploys = 2;
  channel::Order order = channel::Order::Keyed;
  channel::Trouble on_error = channel::Trouble::ParkAndContinue;
  int in_flight_max = 8;
  bool counting = false;    ///< The script keeps a counter for each lane.
  bool responding = false;  ///< Destinations have response scripts.
  unsigned replays = 0;     ///< Of stored messages, some asked for again after a crash.
  unsigned holds = 0;       ///< Of lanes and queues, by a person, who lets them go later.
  int parts_max = 1;        ///< Into which the script splits a message for each destination.

  static Weather of(std::uint64_t seed);
};

class Engine;

class World {
 public:
  explicit World(std::uint64_t seed, bool trace = false);
  ~World();

  /// Runs to the end and returns every broken promise.
  std::vector<std::string> run();
  std::size_t messages_sent() const { return ledger.sent.size(); }
  std::size_t crashes() const { return crashes_; }

  void note(const std::string& text) const;

  Events events;
  Weather weather;
  Ledger ledger;
  test::MemoryDisk disk;
  std::shared_ptr<const ResponseTransformationFactory> response;  ///< Of destinations; may be null.
  bool calm = false;                                              ///< The faults are over.
  std::map<DestinationId, std::chrono::microseconds> down_until;
  std::set<HeldLane> holds;  ///< As a store keeps them.

  /// Something of a queue is begun: it must not be held.
  void check_not_held(WorkQueue queue, MessageId message, const char* what);

 private:
  struct Sender;

  void make_senders();
  void send_next(Sender& sender);
  void offer(Sender& sender);
  void plan_faults();
  void start_engine();
  void kill_engine();
  void take_over();
  void check_armed(const char* when);
  void operate();
  void edit(channel::Channel& channel, const AttentionRow& row);
  void replay_some();
  void replay(std::uint64_t task, MessageId original);
  void check_replays();
  void hold_some();
  void let_go(const HeldLane& lane);
  bool settled() const;
  void tell_histories() const;

  const bool trace_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::vector<std::unique_ptr<Engine>>
      engines_;  // the last is the current; the others are dead or frozen
  bool engine_up_ = false;
  std::size_t crashes_ = 0;
  std::map<std::pair<std::uint64_t, MessageId>, std::set<MessageId>> replays_;  // by receipts
  std::vector<std::string> broken_;
};

/// Ids of the simulated configuration.
inline constexpr ChannelId channel_a{1}, channel_b{2};
inline constexpr DestinationId plain{11}, careful{12}, beyond{21};

std::shared_ptr<const ResponseTransformationFactory> simulated_responses();

/// One life of an engine: the real channel core over the simulated ports.
class Engine {
 public:
  Engine(World& world, Owner owner);
  ~Engine();

  void start();
  void redeploy();
  Intake& intake() { return *a_; }
  channel::Channel& channel(ChannelId id) { return id == channel_a ? *a_ : *b_; }
  Owner owner() const { return owner_; }
  test::MemoryStore& store() { return store_; }
  bool holds_lease() const;
  std::chrono::microseconds lease_until() const { return lease_until_; }

 private:
  class Workers;
  class SimulatedSink;
  class SimulatedSource;
  class Orders;

  void renew_lease();
  std::shared_ptr<channel::Deployment> deployment_a();
  std::shared_ptr<channel::Deployment> deployment_b();

  World& world_;
  const Owner owner_;
  std::chrono::microseconds lease_until_;
  SimulatedExecutor executor_;
  test::MemoryStore store_;
  NoLog log_;
  Metrics metrics_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Orders> orders_;
  std::unique_ptr<SimulatedSource> source_;
  std::vector<std::unique_ptr<SimulatedSink>> sinks_, earlier_sinks_;
  std::int32_t deploys_ = 0;
  std::unique_ptr<channel::Channel> a_, b_;
};

}  // namespace causeway::simulation
