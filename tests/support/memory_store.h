// The store port in memory, for the simulator and for unit tests: the same promises as the
// PostgreSQL store (it passes the same contract), with a disk that outlives it and faults on
// demand.
//
// A verb is queued and committed later, by a task given to `schedule`; dropping the store with
// verbs queued is a crash. Thread-safe as far as `schedule` is.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/id_sequence.h"
#include "engine/core/store.h"

namespace causeway::test {

/// What survives a crash.
struct MemoryDisk {
  using DeliveryKey = WorkRef;
  struct PassageRow {
    Passage passage;
    std::vector<Receipt> children;
  };
  std::map<MessageId, Arrival> messages;
  std::map<std::pair<MessageId, RunNumber>, PassageRow> passages;
  std::map<WorkRef, std::vector<AttemptRecord>> attempts;
  std::map<WorkRef, AttentionRow> attention;
  std::map<WorkQueue, MessageId> low_waters;
  std::map<std::pair<ChannelId, std::string>, MessageId> origins;
  std::map<MessageId, ReplyRecord> replies;
  std::map<WorkRef, int> trying;
  std::map<BodyId, std::string> bodies;
  std::map<std::tuple<ChannelId, std::uint64_t, std::uint64_t>, std::string> states;
  std::int32_t epoch = 0;
  MessageId last;
};

class MemoryStore final : public Journal, public WorkReader, public BodyStaging, public KeyedHash {
 public:
  struct Options {
    /// Puts a task in line to be run later, never from within the call.
    std::function<void(std::function<void()>)> schedule;
    const Clock* clock = nullptr;
    std::size_t batch_max = 64;
    /// Asked before each commit; true: the connection fails, and the batch is tried again.
    std::function<bool()> fails = [] { return false; };
    /// Asked before rows of `attention` are read; true: the database is away.
    std::function<bool(const WorkQueue&)> reads_fail = [](const WorkQueue&) { return false; };
    std::function<bool()> lease = [] { return true; };
  };

  /// Takes the disk over: stores opened on it before get LeaseLost.
  MemoryStore(MemoryDisk& disk, Options options);

  // Journal
  void accept(Arrival arrival, AcceptDone done) override;
  void record(Passage passage, RecordDone done) override;
  void settle(Settlement settlement, SettleDone done) override;
  void low_water(WorkQueue queue, MessageId id) override;
  MessageId answered() const override;
  bool holds_lease() const override { return options_.lease(); }

  // WorkReader
  Result<MessageId> last_message() override;
  Result<std::map<WorkQueue, MessageId>> low_waters() override;
  Result<std::vector<OpenRun>> open_runs(ChannelId channel, Page page) override;
  Result<std::vector<OpenDelivery>> open_deliveries(WorkQueue queue, Page page) override;
  Result<std::vector<AttentionRow>> attention(WorkQueue queue, WorkRef after,
                                              std::size_t rows) override;
  Result<std::vector<AttentionRow>> behind(WorkQueue queue, std::uint64_t order_key,
                                           std::size_t rows) override;
  Result<StoredMessage> message(MessageId id) override;
  Result<std::optional<std::string>> state(ChannelId channel, std::uint64_t lane,
                                           std::uint64_t key) override;
  Result<StoredDelivery> delivery(WorkRef work) override;
  Result<std::vector<SeenKey>> recent_duplicate_keys(std::size_t rows) override;
  Result<std::optional<ReplyRecord>> reply_of(MessageId id) override;
  Result<int> trying(WorkRef work) override;
  Status tried(const std::vector<WorkRef>& works) override;

  // BodyStaging
  Result<std::unique_ptr<Writer>> begin() override;
  Result<std::string> read(BodyId body, std::uint64_t offset, std::size_t bytes) override;

  // KeyedHash
  std::uint64_t hash(std::string_view domain, std::string_view value) const override;

  /// Commits what is queued as a crash might have found it: without telling anybody.
  void commit_silently();

 private:
  /// Applies one verb to the disk and returns what is to be told.
  using Commit = std::function<std::function<void()>()>;
  struct Queue {
    std::deque<std::pair<Commit, std::function<void(Error)>>> waiting;
    bool scheduled = false;
  };
  void enqueue(Queue& queue, Commit commit, std::function<void(Error)> refuse);
  void commit_batch(Queue& queue);
  MessageId next_id();
  void answer(const std::vector<MessageId>& ids);
  MessageId store_message(MessageId id, Arrival arrival, bool& was_there);
  void put_attention(const std::vector<AttentionRow>& rows, const std::vector<WorkRef>& settled);
  bool is_open(const DeliveryRecord& delivery, const WorkRef& work) const;

  MemoryDisk& disk_;
  Options options_;
  const std::int32_t epoch_;
  mutable std::recursive_mutex mutex_;
  IdSequence ids_;
  std::set<MessageId> unanswered_;
  Queue accepts_;
  Queue settles_;
};

}  // namespace causeway::test
