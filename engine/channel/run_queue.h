// The runs of one channel: committed messages wait here for their turn in the pipeline.
//
// A lane's next run starts as soon as the one before has been handed to the journal, which commits
// in the order of hand-over; so a crash never leaves a later passage without the earlier. A run
// that fails holds its lane or is parked, by policy. Memory holds a window; see backlog.h for the
// rest. Not thread-safe: every call comes under the channel's mutex, which the callbacks take
// themselves.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "engine/channel/backlog.h"
#include "engine/channel/delivery_queue.h"
#include "engine/channel/lanes.h"
#include "engine/channel/policy.h"
#include "engine/channel/ports.h"
#include "engine/channel/replay_order.h"
#include "engine/channel/state_cache.h"

namespace causeway::channel {

/// Turns a run's result into a passage and hears when it is committed. Called under the mutex.
class RunListener {
 public:
  virtual ~RunListener() = default;
  /// Fills deliveries, children and the reply. What can't be made (an unknown destination, too many
  /// hops) is an error: the run then counts as failed.
  virtual Status compose(Passage& passage, const StoredMessage& message, RunResult& result) = 0;
  /// After a start: this message's run had failed before.
  virtual void was_in_trouble(MessageId message) = 0;
  /// Called without the mutex.
  virtual void recorded(const Passage& passage, const std::vector<Receipt>& children) = 0;
  /// Nothing was stored of it: what `compose` has planned is void.
  virtual void refused(const Passage& passage) = 0;
};

class RunQueue {
 public:
  RunQueue(ChannelId channel, std::string name, const Ports& ports, std::mutex& mutex,
           RunListener& listener);

  /// The deployment that runs use from now on.
  void use(DeploymentId deployment, std::shared_ptr<const TransformationFactory> transformation,
           Trouble on_error, Order order);
  void pause(bool paused);
  /// As DeliveryQueue's: what runs goes on, and nothing else of the lane is begun.
  void hold(std::uint64_t lane, bool held);
  void stop();

  /// Before `recover`: running this brought the last engine down, and it is not run by itself.
  void suspect(const WorkRef& work) { suspect_ = work.destination ? MessageId{} : work.message; }
  Status recover(MessageId low_water, MessageId last, bool unclean);

  /// A message of this channel has been committed. In the order of message numbers.
  void arrived(std::shared_ptr<const StoredMessage> message);

  /// Nothing below `answered` is still to arrive: the mark of a channel without work follows.
  void catch_up(MessageId answered);
  /// Up to here every message has its passage, or is listed in `attention`.
  MessageId horizon() const;
  /// False while the pipeline has enough to do: a source should then not read on.
  bool has_room() const;

  /// Messages that have not been run, as far as known since the start.
  std::size_t queued() const { return queued_; }

  /// A person's decisions on a failed run.
  Status release(const AttentionRow& row, std::string reason);
  Status discard(const AttentionRow& row, std::string reason);

  struct Figures {
    std::size_t in_memory = 0;
    int running = 0;
    bool overflows = false;
    bool paused = false;
    MessageId oldest;  ///< Of those in memory; 0: none.
  };
  Figures figures() const {
    const auto oldest = items_.empty() ? MessageId{} : items_.begin()->second.work.message;
    return {items_.size(), running_, backlog_.overflows(), paused_, oldest};
  }

 private:
  enum class State : std::uint8_t { Queued, Loading, Running, Recording, Held };
  struct Item {
    WorkRef work;
    OrderKeys keys;
    std::shared_ptr<const StoredMessage> message;  // empty: to be loaded
    std::shared_ptr<const ReplayMeans> replay;     // of a replay, once it is loaded
    std::uint64_t body_bytes = 0;
    std::uint16_t flags = 0;
    State state = State::Queued;
    Cause cause = Cause::Arrival;
    std::uint32_t used = 0;  // `uses_` when its run began
    bool in_attention = false;
    bool suspicious = false;
    bool marked = false;
  };

  Ticket keep(Item item);
  void take_in(OpenDelivery row);
  void list_behind(const std::vector<Ticket>& tickets);
  void dispatch();
  void start(Ticket ticket);
  void load(Ticket ticket);
  struct Loaded {
    Result<StoredMessage> message;
    Result<int> crashes;
    std::shared_ptr<const ReplayMeans> replay;
  };
  Loaded read_message(WorkRef work, std::uint16_t flags, bool mark) const;
  void loaded(Ticket ticket, Loaded read);
  void run(Ticket ticket);
  void on_result(Ticket ticket, RunResult result);
  void again_when_back(Ticket ticket);
  void make_candidate(Ticket ticket);
  void pass(Ticket ticket, RunResult result);
  void keep_inputs(const Item& item, RunResult& result, Passage& passage) const;
  void fail(Ticket ticket, Passage& passage);
  void note_failure(const Passage& passage, AfterFailure after) const;
  void record(Ticket ticket, Passage passage);
  void recorded(Ticket ticket, const std::shared_ptr<Passage>& passage, const Status& status);
  void out_of_lane(Ticket ticket);
  void block(Ticket ticket);
  void unblock(Ticket ticket);
  void erase(Ticket ticket);
  Ticket find_ticket(MessageId message) const;
  void read_backlog();
  void page_read(const Page& page, Result<std::vector<OpenRun>> rows);
  void report_low_water();
  AttentionRow attention_row(const Item& item, AttentionState state) const;

  WorkQueue id_;
  std::string name_;
  Ports ports_;
  std::mutex& mutex_;
  RunListener& listener_;
  DeploymentId deployment_;
  std::shared_ptr<const TransformationFactory> transformation_;
  Trouble on_error_ = Trouble::HoldLane;
  Order order_ = Order::Channel;
  std::uint32_t uses_ = 0;  // deployments so far
  StateCache states_;

  Ticket next_ticket_ = 1;
  std::map<Ticket, Item> items_;
  std::unordered_map<MessageId, Ticket> by_message_;
  std::set<Ticket> candidates_;  // heads of their lanes, Queued, not blocked
  Lanes lanes_;
  std::set<std::uint64_t> holds_;  // lanes that a person holds
  bool held_ = false;              // all of them
  Backlog backlog_;
  std::set<MessageId> open_;
  MessageId seen_;  // the highest message that arrived or was there at the start
  MessageId low_water_;
  std::size_t body_bytes_ = 0;
  std::size_t behind_ = 0;
  std::size_t queued_ = 0;
  int running_ = 0;
  bool paused_ = false;
  bool stopped_ = false;
  bool unclean_ = false;
  MessageId suspect_;  // 0: none
  MessageId last_before_start_;
};

}  // namespace causeway::channel
