// One of the journal's two queues: verbs in the order of their calls, and the thread that commits
// what waits, many verbs in one transaction, on a connection of its own.
//
// A verb takes its place first and is sealed afterwards, on its caller's thread; the writer takes
// the longest prefix that is ready, bounded. Every verb is answered once, in order, on the writer's
// thread. Thread-safe: one mutex, never held across I/O or a callback.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/core/clock.h"
#include "engine/core/log.h"
#include "engine/core/store.h"
#include "engine/store/journal/batch.h"
#include "engine/store/journal/company.h"
#include "engine/store/journal/sealed_rows.h"
#include "engine/store/lease.h"
#include "engine/store/partitions.h"

namespace causeway::store {

/// One verb on its way. Until it is `ready` it belongs to its caller's thread, then to the writer.
struct Entry {
  using Receipts = std::vector<Receipt>;

  std::function<Result<SealedRows>()> seal;  ///< Called again by the writer if it failed.
  std::function<void(Result<Receipts>)> answer;
  std::vector<MessageId> ids;  ///< Of the messages it brings: what its receipts say.
  bool patient = false;        ///< Waits for company for up to QueueLimits::patience.
  bool refusable = false;      ///< Answered Unavailable when the database stays away.
  SteadyTime since;

  std::optional<SealedRows> rows;
  bool ready = false;        ///< Guarded by the queue's mutex.
  std::uint64_t number = 0;  ///< Place in the queue.
};

struct QueueLimits {
  std::size_t rows_max = 512;
  std::size_t bytes_max = 4 * 1024 * 1024;
  Milliseconds accept_patience{5000};
  /// How long patient entries wait for something to be committed with.
  std::chrono::microseconds patience{1500};
  std::size_t patient_max = 32;  ///< So many of them are company enough.
  /// How long the others wait, at most, for as many as came of late (see company.h).
  std::chrono::microseconds urgent_patience{1000};
  std::size_t company_max = 32;
  Milliseconds retry_first{20};
  Milliseconds retry_max{1000};
  Milliseconds low_water_every{200};
  Milliseconds low_water_idle{1000};  ///< Marks are written alone when nothing else comes.
  /// How long a lost connection's backend may take to end before it is ended by force.
  Milliseconds backend_patience{5000};
};

/// What both queues work with; all outlive them.
struct QueueParts {
  Target target;
  Lease& lease;
  Partitions& partitions;
  const Clock& clock;
  Log& log;
  QueueLimits limits;
};

class JournalQueue {
 public:
  JournalQueue(std::string name, QueueParts parts);
  ~JournalQueue();  ///< What still waits is answered Stopped.

  /// Takes a place in line. Call under a lock of one's own to have order among several calls.
  void push(std::shared_ptr<Entry> entry);
  /// Its rows are sealed, or (with an error) are to be sealed by the writer.
  void ready(Entry& entry, Result<SealedRows> rows);
  /// Written once all that was pushed before is committed.
  void low_water(WorkQueue queue, MessageId id);

  /// Writes what waits for up to `grace`; from then on verbs are answered Stopped.
  void stop(Milliseconds grace);

 private:
  using Entries = std::vector<std::shared_ptr<Entry>>;
  struct Try {
    enum class End { Committed, Passing, NoPartition, LeaseLost, RowFault, Unknown };
    End end = End::Passing;
    Error error{ErrorKind::Unavailable, "", "the database is away"};
    Witness witness{};
    Batch::There there{};
  };

  void run();
  Entries take();
  /// So many wait that their transaction is worth its cost.
  bool enough() const;
  /// When the first of what waits is to be committed: the past, if now.
  SteadyTime due() const;
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  void commit(Entries entries);
  Try try_commit(const Entries& entries);
  Status seal_all(const Entries& entries);
  /// Sends the fence, and looks up origins, if there are any. A value: why it failed.
  std::optional<Try> begin(const Entries& entries, Batch::There& there);
  /// Returns the last bucket that will be in the directory.
  std::int64_t fill(Batch& batch, const Entries& entries, const Batch::There& there);
  /// Reads answers up to the sync. The try ends as Passing, Committed or as its first error says.
  Try read_to_sync();
  Try failed(std::optional<Try> first) const;
  Try settle_unknown(Try unknown);
  Status connect();
  void ensure_partitions(const Entries& entries);
  void drop_overdue(Entries& entries);
  void answer(const Entries& entries, const Batch::There& there);
  void refuse(const Entries& entries, const Error& error);
  /// False: stopped meanwhile.
  bool pause(Milliseconds duration);
  void add_low_waters(Batch& batch, const Entries& entries);
  void low_waters_committed();

  const std::string name_;
  const QueueParts parts_;

  // The writer's thread alone:
  std::optional<Connection> connection_;
  std::int64_t seq_;               // order of settlements: epoch << 40 | count
  std::int64_t bucket_known_ = 0;  // this and earlier buckets of ours are in the directory
  bool marks_in_batch_ = false;
  SteadyTime marks_written_at_{};

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_:
  std::deque<std::shared_ptr<Entry>> waiting_;
  std::uint64_t pushed_ = 0;
  std::size_t urgent_ = 0;     // of waiting_
  SteadyTime urgent_since_{};  // of the first of them, or earlier
  Company company_;
  std::map<WorkQueue, MessageId> marks_;
  std::map<WorkQueue, MessageId> marks_staged_;  // to be written once `marks_barrier_` is
  std::uint64_t marks_barrier_ = 0;
  bool draining_ = false;
  bool stopped_ = false;  // nothing is written any more
  bool ended_ = false;    // the thread goes home
  bool idle_ = true;
  std::thread thread_;
};

}  // namespace causeway::store
