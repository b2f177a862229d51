// The Journal on PostgreSQL: two queues, each with its writer (accepts | passages and settlements),
// so that acknowledgements don't wait behind settlements.
//
// Ids are assigned, and places in the queues taken, under one mutex: so both follow the order of
// calls. Sealing happens after that, on the caller's thread. Thread-safe.
#pragma once

#include <mutex>
#include <set>

#include "engine/core/id_sequence.h"
#include "engine/core/store.h"
#include "engine/store/journal/journal_queue.h"
#include "engine/store/journal/row_maker.h"

namespace causeway::store {

/// Hands out the buckets of search terms: see engine/store/README.md. Not thread-safe.
class TermBuckets {
 public:
  static constexpr std::int64_t messages_per_bucket = 1 << 18;

  /// The bucket of this message's terms. Ids come in ascending order.
  std::int64_t bucket_of(MessageId id);

 private:
  std::int64_t bucket_ = 0;
  std::int64_t messages_ = 0;
  Day day_{};
};

class JournalWriter final : public Journal {
 public:
  /// `last`: the highest id in the store.
  JournalWriter(const RowMaker& rows, QueueParts parts, MessageId last);

  void accept(Arrival arrival, AcceptDone done) override;
  void record(Passage passage, RecordDone done) override;
  void settle(Settlement settlement, SettleDone done) override;
  void low_water(WorkQueue queue, MessageId id) override;
  MessageId answered() const override;
  bool holds_lease() const override { return lease_.held(); }

  /// Writes what waits for up to `grace`; later verbs are answered Stopped.
  void stop(Milliseconds grace);

 private:
  RowMaker::Place next_place();
  void answered(const std::vector<MessageId>& ids);
  void committed(const Entry& entry, const Entry::Receipts& receipts);

  const RowMaker& rows_;
  Lease& lease_;
  mutable std::mutex mutex_;        // order of calls
  std::set<MessageId> unanswered_;  // guarded by mutex_
  IdSequence ids_;                  // guarded by mutex_
  TermBuckets buckets_;             // guarded by mutex_
  JournalQueue accepts_;
  JournalQueue settles_;
};

}  // namespace causeway::store
