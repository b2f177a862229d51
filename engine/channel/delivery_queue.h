// The deliveries of one channel to one destination: which may be tried, what becomes of them.
//
// A run may have made several deliveries (parts) for the destination: each has tries, retries and
// policies of its own, and they stand in their lane one behind the other.
//
// Before the first byte of a try leaves, a durable row says so: a delivery is armed (by the passage
// that made it, or by a Begun row), at most `in_flight_max` at once; then it is sent when it is the
// head of its lanes. A lane goes on as soon as its head has been delivered: what is armed behind it
// is ambiguous after a kill just as the head is, and is settled in the same order. A head that
// leaves undelivered (parked, closed by a person) is gone only when that is committed: a kill
// before would have it sent again, after what stood behind it. What waits for a retry or is held
// blocks its lanes, and what was armed behind it is disarmed.
//
// Memory holds a window of the queue; see backlog.h for the rest. Not thread-safe: every call comes
// under the channel's mutex, which the queue's own callbacks (from sink, journal, timers) take
// themselves.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "engine/channel/backlog.h"
#include "engine/channel/lanes.h"
#include "engine/channel/policy.h"
#include "engine/channel/ports.h"
#include "engine/channel/retry.h"
#include "engine/core/lane_hold.h"
#include "engine/core/sink.h"

namespace causeway::channel {

/// Told about deliveries' ends, for replies and for low-water marks. Called under the mutex.
class DeliveryListener {
 public:
  virtual ~DeliveryListener() = default;
  /// An attempt ended and this is what becomes of the delivery; the settlement is about to be
  /// handed to the journal, and takes along a reply that waits to be recorded.
  virtual void outcome(const WorkRef& work, const Attempt& attempt, Decision::Next next,
                       Settlement& settlement) = 0;
  /// After a start: this message had failed or been refused before.
  virtual void was_in_trouble(MessageId message) = 0;
  /// All that deliveries can still come from has a higher number, or is in memory.
  virtual MessageId horizon() const = 0;
};

/// How the work of a channel is ordered.
enum class Order : std::uint8_t { None, Channel, Keyed };

class DeliveryQueue {
 public:
  DeliveryQueue(WorkQueue id, std::string name, const Ports& ports, std::mutex& mutex,
                DeliveryListener& listener);

  /// The deployed sink and policy; the queue goes on with them at its next try. The sink outlives
  /// this call's successor, and its outcomes: what an earlier one gives back unsent is sent anew.
  /// `response` (may be null) looks at what comes back before it is settled.
  void use(Sink* sink, DestinationPolicy policy, Order order,
           std::shared_ptr<const ResponseTransformationFactory> response = nullptr);
  void pause(bool paused);
  /// A person's hold on a lane (HeldLane::whole_queue: on all) begins or ends. What is being sent
  /// is; nothing else is begun. Doing so again changes nothing.
  void hold(std::uint64_t lane, bool held);
  /// The destination is there no more: all that is open for it is parked, until `use` brings one
  /// back.
  void retire();

  /// Before `recover`: this brought the last engine down, and is not tried again by itself.
  void suspect(const WorkRef& work) { suspect_ = work; }
  /// Takes up open work after a start, before new work comes. What was being tried without an
  /// outcome is Ambiguous. `unclean`: it may also have brought the engine down, so that it is
  /// marked first. `last`: the highest message of an earlier life.
  Status recover(MessageId low_water, MessageId last, bool unclean);

  /// Prepares a delivery of a passage that is about to be handed to the journal: may arm it.
  void plan(DeliveryRecord& record, WorkRef work, Passage& passage);
  void committed(WorkRef work);
  void refused(WorkRef work);

  /// A person's decisions on one delivery in `attention` (Conflict: it is not, or it is being
  /// sent).
  Status release(const AttentionRow& row, bool possible_duplicate, std::string reason);
  Status close(const AttentionRow& row, WorkEvent event, std::string reason);

  /// Reports how far everything is done, and begins what may be, also when nothing has happened
  /// here: the lease may be held again, which nobody else tells.
  void catch_up();
  /// No try is begun from now on; what is armed and unsent is disarmed.
  void stop();

  struct Figures {
    std::size_t in_memory = 0;
    int in_flight = 0;
    bool overflows = false;
    bool down = false;
    bool paused = false;
    std::size_t behind = 0;
    bool empty = true;  ///< Nothing is open, neither here nor on its way to the journal.
    MessageId oldest;   ///< Of what is open in memory; 0: nothing.
  };
  Figures figures() const;
  /// Deliveries neither settled nor put aside, as far as known since the start.
  std::size_t queued() const { return queued_; }

 private:
  enum class State : std::uint8_t {
    Committing,  // its passage is on the way to the journal
    Queued,
    Beginning,  // its Begun row is on the way
    Armed,      // may be sent when it is the head
    Loading,    // its bytes are being read
    Sending,
    Waiting,  // for its next try
    Held,
    Leaving,  // undelivered; its lane goes on when that is committed
  };
  struct Item {
    WorkRef work;
    OrderKeys keys;
    ContentType content_type = ContentType::Binary;
    Body body;
    SharedAttributes attributes = {};  // come and go with the body
    bool has_body = false;
    std::uint64_t body_bytes = 0;
    std::uint16_t flags = 0;
    std::uint32_t sent_by = 0;  // `sinks_` when it was handed to the sink
    State state = State::Queued;
    bool armed = false;  // planned to be, while Committing
    bool in_flight = false;
    bool in_attention = false;
    bool blocks = false;            // its lanes
    bool blocks_by_itself = false;  // and not because the destination is away
    bool waits_for_destination = false;
    bool suspicious = false;  // was being tried at a crash: mark it before trying again
    bool marked = false;
    std::uint16_t attempts = 0;
    SystemTime first_failed;
    Executor::TimerId timer = 0;
  };
  using Items = std::map<Ticket, Item>;
  /// What ends when a settlement is committed.
  struct Ends {
    int in_flight = 0;
    std::vector<WorkRef> open;     // no longer open work of the journal
    std::vector<WorkRef> leaving;  // no longer in memory
    Ticket aside = 0;              // leaves its lanes; 0: none
  };

  // delivery_queue.cpp: keeping and dispatching
  Ticket keep(Item item);
  void take_in(OpenDelivery row, State state);
  bool known(WorkRef work) const;
  Ticket find_ticket(WorkRef work) const;     // 0: not in memory
  std::vector<Ticket> forget(Ticket ticket);  // the new heads of its lanes
  void queue(Ticket ticket, Item& item);
  bool has_room() const;
  bool may_arm(const OrderKeys& keys) const;
  bool may_send() const;
  bool may_stay_armed(Ticket ticket, const Item& item) const;
  bool gate_open() const;
  void dispatch();
  void begin(const std::vector<Ticket>& tickets);
  void begun(const std::vector<Ticket>& tickets);
  void try_send(Ticket ticket);
  void load_bodies(const std::vector<Ticket>& tickets);
  void loaded(const std::vector<Ticket>& tickets, std::vector<Result<StoredDelivery>> stored);
  void not_loaded(Ticket ticket, const Error& error);
  void send(Ticket ticket, Item& item);
  void read_backlog();
  void page_read(const Page& page, Result<std::vector<OpenDelivery>> rows);
  void remember_body(Item& item, const DeliveryRecord& record);
  void forget_body(Item& item);

  // delivery_outcomes.cpp: what an attempt leads to
  void report_low_water();
  void on_outcome(Ticket ticket, Attempt attempt);
  void take_back(Ticket ticket);
  std::shared_ptr<const ResponseRequest> response_request(const Item& item, Attempt attempt) const;
  void look(Ticket ticket, std::shared_ptr<const ResponseRequest> request);
  void looked(Ticket ticket, const std::shared_ptr<const ResponseRequest>& request,
              ResponseResult seen);
  /// Whether an attempt says anything about the destination: it does not if none was made.
  enum class Said : std::uint8_t { Something, Nothing };
  void apply(Ticket ticket, Attempt attempt, Said said = Said::Something);
  void leave(Ticket ticket, Settlement settlement);
  void put_aside(Ticket ticket, Settlement settlement);
  Ends ends_of(const Item& item) const;
  void leave_lanes(Ticket ticket);
  void stay(Ticket ticket, AttentionRow row, bool by_itself, Settlement settlement);
  void block(Ticket ticket, Item& item, bool by_itself);
  void unblock(Ticket ticket, Item& item);
  void add_candidates(Ticket ticket, const OrderKeys& keys);
  void settle_behind(const std::vector<Ticket>& behind, bool list, Settlement& settlement,
                     Ends& ends);
  void disarm(Item& item, Settlement& settlement, Ends& ends);
  void disarm_all();
  void wake(Ticket ticket);
  void destination_down();
  void down_timer_fired();
  void destination_up();
  void hand_over(Settlement settlement, Ends ends);
  void handed_over(const Ends& ends);
  AttentionRow attention_row(const Item& item, AttentionState state, const Attempt& attempt) const;
  AttemptRecord attempt_record(const Item& item, WorkEvent event) const;
  MessageId low_water() const;

  // queue_hold.cpp
  void hold_lane(std::uint64_t lane);
  void list_sending(Item& item, Settlement& settlement, Ends& ends);
  void let_go_lane(std::uint64_t lane);

  // delivery_retirement.cpp
  void park_open();
  void park(Ticket ticket);

  // delivery_recovery.cpp
  void recover_row(AttentionRow row);
  bool ahead_of_backlog(const Item& item) const;
  void take_apart_before(const WorkRef& work);
  void ambiguous_after_crash(Ticket ticket);
  void mark_and_send(Ticket ticket);
  void park_suspect(Ticket ticket, const char* why);
  void unmark(const Item& item);

  WorkQueue id_;
  std::string name_;
  Ports ports_;
  std::mutex& mutex_;
  DeliveryListener& listener_;
  Sink* sink_ = nullptr;
  std::uint32_t sinks_ = 0;  // that it has had
  bool retired_ = false;
  DestinationPolicy policy_;
  std::shared_ptr<const ResponseTransformationFactory> response_;

  Ticket next_ticket_ = 1;
  Items items_;
  std::unordered_map<WorkRef, Ticket> by_work_;
  std::set<Ticket> candidates_;  // Queued, lanes not blocked
  Lanes lanes_;
  Backlog backlog_;
  /// Listed work that older work on disk may have to go before: it is taken in between that.
  std::map<WorkRef, Item> apart_;
  std::multiset<MessageId> open_;        // neither terminal nor in attention, as committed
  std::set<WorkRef> leaving_;            // no longer in memory; their settlement is on the way
  Lanes own_trouble_;                    // blocks whose reason is the message, not the destination
  std::map<std::uint64_t, bool> holds_;  // by a person; whether what stands behind is listed
  bool held_ = false;                    // all of it
  std::size_t body_bytes_ = 0;
  int in_flight_ = 0;
  std::size_t queued_ = 0;
  int unarmed_committing_ = 0;
  std::size_t behind_ = 0;  // Queued, and listed in attention: not part of the window
  Order order_ = Order::Channel;
  bool stopped_ = false;
  bool unclean_ = false;
  // After a start nothing is tried before the first page is read: it shows what was being tried.
  bool recovering_ = false;
  bool down_ = false;
  bool probing_ = false;  // down, and tries may be made one at a time
  int down_count_ = 0;
  Executor::TimerId down_timer_ = 0;
  std::optional<WorkRef> suspect_;
  MessageId last_before_start_;
  MessageId low_water_;  // as last reported
};

}  // namespace causeway::channel
