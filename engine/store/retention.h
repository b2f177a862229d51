// Retention: removes content and lineage that are past their days, and gives the disk back.
//
// A day whose lineage is over for all its channels is dropped, partition by partition. Where only
// content, or only some channels, are due, the day's partitions are rewritten without it: the rest
// of a message is some 150 bytes, so that costs little, and the hot path keeps its three appends.
// Content's data key is then destroyed, which shreds it in backups too (staged bodies excepted).
//
// Messages with open work (not run, not delivered, in `attention`) are carried forward: the day's
// partitions are rewritten to hold them alone, whole, where every look-up finds them; that is
// reported and marked, and once their work is done they go too. Their data keys live as long, so
// until then the day is not shredded in backups. Rows of a channel under legal hold stay likewise.
// Writers go on meanwhile: into days that old nothing is written but links and what becomes of open
// work, and a partition is exchanged within milliseconds. One at a time in an installation.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "engine/core/log.h"
#include "engine/store/partitions.h"
#include "engine/store/postgres/connection.h"
#include "engine/store/queries/registry.h"
#include "engine/store/retention_queries.h"
#include "engine/store/sealing/data_keys.h"

namespace causeway::store {

struct RetainedDay {
  Day day;
  enum class What {
    Dropped,
    Rewritten,
    CarriedForward,  ///< Rewritten (now or earlier): messages with open work stay whole.
  } what = What::Dropped;
  std::int64_t carried = 0;      ///< CarriedForward: so many messages.
  std::int64_t bytes_freed = 0;  ///< On disk, indexes included.
};

class Retention {
 public:
  static constexpr auto statement_patience = std::chrono::hours(6);
  static constexpr auto orphan_age = std::chrono::hours(24);

  Retention(Target target, Registry& registry, Partitions& partitions, DataKeys& keys, Log& log)
      : target_(std::move(target)),
        registry_(registry),
        partitions_(partitions),
        keys_(keys),
        log_(log) {}

  /// Does all that is due on `today`. Days that couldn't be done are logged and done next time.
  /// Conflict: another engine is at it; Stopped: `stop` was called.
  Result<std::vector<RetainedDay>> run(Day today);
  /// Ends a run that is under way; later ones return at once. Thread-safe.
  void stop();

 private:
  struct Due;
  Result<Due> due_on(Connection& connection, Day day, Day today,
                     const std::vector<ChannelEntry>& channels);
  Result<std::vector<RetainedDay>> retain_days(Connection& connection, Day today,
                                               const std::vector<ChannelEntry>& channels,
                                               const std::vector<Day>& days);
  Result<RetainedDay> retain(Connection& connection, Due due);
  Result<std::int64_t> note_open_work(Connection& connection, Day day);
  Status drop(Connection& connection, const Due& due);
  Status rewrite(Connection& connection, const Due& due);
  Status rewrite_table(Connection& connection, const PartitionedTable& table,
                       const retention_sql::Selection& selection);
  Status under_short_lock(Connection& connection, const std::string& sql);
  Status forget(Connection& connection, const Due& due);
  Status shred(Connection& connection, const Due& due);
  Status sweep_orphans(Connection& connection, SystemTime now);

  const Target target_;
  Registry& registry_;
  Partitions& partitions_;
  DataKeys& keys_;
  Log& log_;
  std::atomic<bool> stopped_{false};
  std::atomic<int> backend_{0};
};

}  // namespace causeway::store
