// The store port. PostgreSQL implements it (engine/store), memory does for the simulator
// (tests/support); both pass tests/contract/store_contract.
//
// Three faces: Journal (the hot path; asynchronous, group-committed), WorkReader (open work, for
// recovery and backlogs), BodyStaging (large content).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "engine/core/work.h"

namespace causeway {

/// Appends to the journal. Verbs never block on I/O, may be called from any thread and under a
/// caller's lock; callbacks come on a writer's thread, never from within the verb, one at a time
/// per verb, in the order of the calls. Each callback comes exactly once; a call whose transaction
/// failed for a passing reason (connection lost, server restarting) is tried again until it is
/// known to be committed or not. Errors that callbacks can get:
///   Invalid, Limit  this record can't be stored (its neighbours are committed without it)
///   LeaseLost       another engine holds this node's lease: nothing was written
///   Unavailable     for `accept` alone: the database has been away for longer than
///                   `accept_patience`; nothing was written, the sender may be refused
///   Stopped         stop() came before it was handed to the database; nothing was written
class Journal {
 public:
  using AcceptDone = std::function<void(Result<Receipt>)>;
  /// Receipts of the children, in their order.
  using RecordDone = std::function<void(Result<std::vector<Receipt>>)>;
  using SettleDone = std::function<void(Status)>;

  virtual ~Journal() = default;

  /// Commits a message (with its terms, links and origin). Ids are assigned in the order of calls.
  virtual void accept(Arrival arrival, AcceptDone done) = 0;
  /// Commits a passage. `record` and `settle` calls commit in the order in which they are made.
  virtual void record(Passage passage, RecordDone done) = 0;
  virtual void settle(Settlement settlement, SettleDone done) = 0;

  /// Says that all work of the queue up to and including `id` is terminal or in `attention`.
  /// Written with a later transaction, at leisure: it only bounds what recovery reads.
  virtual void low_water(WorkQueue queue, MessageId id) = 0;

  /// Every message up to this number has had its callback, and it has returned: none that is lower
  /// can still arrive. What bounds a low-water mark, also of a channel that has nothing to do.
  virtual MessageId answered() const = 0;

  /// False as soon as the lease may have run out: nothing may then be sent. Cheap.
  virtual bool holds_lease() const = 0;
};

/// A bounded read of open work.
struct Page {
  MessageId after;  ///< Exclusive.
  MessageId upto;   ///< Inclusive.
  std::size_t rows = 0;
};

/// Reads open work. Blocks on the database: call from a thread that may wait. Thread-safe.
class WorkReader {
 public:
  virtual ~WorkReader() = default;

  virtual Result<MessageId> last_message() = 0;  ///< The highest id of this node; 0: none.
  virtual Result<std::map<WorkQueue, MessageId>> low_waters() = 0;
  /// By id, ascending; deliveries of one message by run and part. A full page (`rows`) means that
  /// there may be more. It has all of its last message, and so may be fuller.
  virtual Result<std::vector<OpenRun>> open_runs(ChannelId channel, Page page) = 0;
  virtual Result<std::vector<OpenDelivery>> open_deliveries(WorkQueue queue, Page page) = 0;
  /// Attention rows of a queue after `after` (by WorkRef), ascending.
  virtual Result<std::vector<AttentionRow>> attention(WorkQueue queue, WorkRef after,
                                                      std::size_t rows) = 0;
  /// Behind rows of one lane, ascending.
  virtual Result<std::vector<AttentionRow>> behind(WorkQueue queue, std::uint64_t order_key,
                                                   std::size_t rows) = 0;
  virtual Result<StoredMessage> message(MessageId id) = 0;
  /// A lane's state (see StateRow), as committed; none: there is none.
  virtual Result<std::optional<std::string>> state(ChannelId channel, std::uint64_t lane,
                                                   std::uint64_t key) = 0;
  virtual Result<StoredDelivery> delivery(WorkRef work) = 0;
  /// Several at once, one result for each, in their order.
  virtual std::vector<Result<StoredDelivery>> deliveries(const std::vector<WorkRef>& works) {
    std::vector<Result<StoredDelivery>> results;
    for (const auto& work : works) results.push_back(delivery(work));
    return results;
  }

  /// Keys of the newest messages, newest first, for the duplicate window.
  struct SeenKey {
    MessageId message;
    ChannelId channel;
    DuplicateKey key;
  };
  virtual Result<std::vector<SeenKey>> recent_duplicate_keys(std::size_t rows) = 0;
  /// The reply that a message got, if one is recorded.
  virtual Result<std::optional<ReplyRecord>> reply_of(MessageId id) = 0;

  /// Marks a message as being tried, durably, after an unclean end; returns at how many crashes it
  /// was being tried before. `tried` takes the marks away.
  virtual Result<int> trying(WorkRef work) = 0;
  virtual Status tried(const std::vector<WorkRef>& works) = 0;
};

/// Large content: sealed chunks, written on a connection of their own, bound to a message by its
/// commit; bodies bound to none are swept. Blocks. A writer is used by one thread.
class BodyStaging {
 public:
  class Writer {
   public:
    virtual ~Writer() = default;
    virtual Status append(std::string_view bytes) = 0;
    virtual Result<Body> finish() = 0;  ///< A staged body (inline if it stayed small).
  };

  virtual ~BodyStaging() = default;
  virtual Result<std::unique_ptr<Writer>> begin() = 0;
  virtual Result<std::string> read(BodyId body, std::uint64_t offset, std::size_t bytes) = 0;
};

/// Keyed 64-bit hashes for what is stored in the clear but must tell nobody a patient's identity.
/// Thread-safe. `domain` keeps hashes of different uses apart.
class KeyedHash {
 public:
  virtual ~KeyedHash() = default;
  virtual std::uint64_t hash(std::string_view domain, std::string_view value) const = 0;
};

}  // namespace causeway
