// A channel at work: takes messages in, has them run, hands deliveries to its destinations' queues,
// answers senders. All of its mutable state is guarded by one mutex, which is never held across
// I/O: journal, sinks, workers and timers are asynchronous, and replies are given out without it.
//
// Thread-safe. Ports, sinks, source and hop targets outlive it. `stop` must come before it is
// destroyed, and the parts that call back (sinks, workers, journal, executor) must be quiet by
// then.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "engine/channel/delivery_queue.h"
#include "engine/channel/deployment.h"
#include "engine/channel/duplicates.h"
#include "engine/channel/replies.h"
#include "engine/channel/run_queue.h"

namespace causeway::channel {

class Channel final : public Intake, public HopTarget, public RunListener, public DeliveryListener {
 public:
  Channel(ChannelId id, std::string path, const Ports& ports);
  ~Channel() override;

  /// What recovery needs to know, read once for all channels.
  struct Before {
    std::map<WorkQueue, MessageId> low_waters;
    MessageId last_message;
    std::vector<WorkReader::SeenKey> seen_keys;  ///< Newest first.
    bool unclean = true;
    std::vector<HeldLane> holds = {};  ///< Of all channels, by persons.
    /// What brought the last engine down (core/crash_note.h): it is suspect.
    std::optional<WorkRef> crashed = std::nullopt;
  };
  /// Takes up what is open and goes on with `deployment`. Blocks on the store. Once, before
  /// `accept`.
  Status start(std::shared_ptr<const Deployment> deployment, const Before& before);
  /// Changes what it runs with: the next run, and the next try of each delivery, use it. What is
  /// open for a destination that it doesn't have is parked.
  void deploy(std::shared_ptr<const Deployment> deployment);
  /// No run and no try is begun from now on; what is armed and unsent is disarmed.
  void stop();
  /// Moves the low-water marks of queues without work along with those of others, so that a start
  /// does not search for work where there is none. To be called every few seconds, and before a
  /// clean end.
  void catch_up();

  // Intake
  void accept(Draft draft, OnReceipt on_receipt, OnReply on_reply) override;
  void accept_many(std::vector<Draft> drafts, OnReceipt on_receipt) override;
  void reply_sent(MessageId message, ReplyState state) override;
  bool wants_more() const override;

  /// A message of this channel once more, as its origin orders (replay_order.h): its duplicate is
  /// not looked for, and nobody is answered.
  void replay(Draft draft, OnReceipt on_receipt);

  /// The content of an edit: kept, and not run.
  void keep_edit(Draft draft, OnReceipt on_receipt);

  // HopTarget
  Arrival prepare(Draft draft) const override;
  void arrived(std::shared_ptr<const StoredMessage> message) override;

  void pause_runs(bool paused);
  Status pause_destination(const std::string& name, bool paused);
  /// A person's hold on a lane of this channel begins or ends (holding.h).
  void hold(const HeldLane& lane, bool held);
  /// A person's decisions on something in `attention`.
  Status release(const AttentionRow& row, bool possible_duplicate, std::string reason = {});
  Status close(const AttentionRow& row, WorkEvent event, std::string reason);

  struct Figures {
    RunQueue::Figures runs;
    std::map<std::string, DeliveryQueue::Figures> destinations;
    std::size_t accepts_in_flight = 0;
    std::uint64_t received = 0;  ///< Since the start.
    SystemTime last_received;    ///< Zero: nothing since.
    MessageId oldest;            ///< Of what is open in memory; 0: nothing.
  };
  Figures figures() const;
  const std::string& path() const { return path_; }
  ChannelId id() const { return id_; }

 private:
  struct Offer;

  void offer(std::shared_ptr<Offer> offer);
  void offer_again(Draft draft, std::uint16_t flags, OnReceipt on_receipt);
  bool note_duplicate(const std::shared_ptr<Offer>& offer, Arrival& arrival);
  void on_committed(const std::shared_ptr<Offer>& offer, Result<Receipt> receipt);
  void refuse(const Offer& offer, const Error& error);
  void answer_stored(const Offer& offer, MessageId message);
  void answer_as_original(const std::shared_ptr<Offer>& offer, MessageId message, int asked = 0);
  void expect_reply(const Offer& offer, MessageId message);
  void give_out(Replies::Decided decided);
  void tell(MessageId message, const Verdict& verdict, const Bytes& input, const OnReply& on_reply,
            bool timed_out);
  void decide_later(std::optional<Replies::Decided> decided);
  void record_reply(MessageId message, ReplyRecord record);
  void apply_deployment();

  // RunListener
  Status compose(Passage& passage, const StoredMessage& message, RunResult& result) override;
  Status route(Passage& passage, const StoredMessage& message, RunResult& result);
  Status hop(Passage& passage, const StoredMessage& message, const Destination& destination,
             RunOutput& output);
  void recorded(const Passage& passage, const std::vector<Receipt>& children) override;
  void refused(const Passage& passage) override;
  // DeliveryListener
  void outcome(const WorkRef& work, const Attempt& attempt, Decision::Next next,
               Settlement& settlement) override;
  void was_in_trouble(MessageId message) override;
  MessageId horizon() const override;

  const ChannelId id_;
  const std::string path_;
  Ports ports_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Deployment> deployment_;  // written under the mutex, by atomic_store
  RunQueue runs_;
  std::map<DestinationId, std::unique_ptr<DeliveryQueue>> destinations_;
  Replies replies_;
  DuplicateWindow duplicates_;
  std::map<ChannelId, HopTarget*> hop_targets_;  // of all deployments so far
  std::size_t accepts_in_flight_ = 0;
  std::uint64_t received_ = 0;
  SystemTime last_received_;
  bool stopped_ = false;

  struct Instruments {
    Counter& received;
    Counter& refused;
    Counter& duplicates;
    Counter& passed;
    Counter& filtered;
    Counter& failed;
    Counter& delivered;
    Counter& troubled;
    Histogram& commit;
  };
  Instruments instruments_;
};

}  // namespace causeway::channel
