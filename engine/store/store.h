// The store on PostgreSQL, put together: the schema, the node's lease, sealing, and the ports of
// engine/core/store.h. One per engine; owned by main; outlives all that uses its ports.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/core/audit.h"
#include "engine/core/clock.h"
#include "engine/core/failure.h"
#include "engine/core/identity.h"
#include "engine/core/lane_hold.h"
#include "engine/core/log.h"
#include "engine/core/metrics.h"
#include "engine/core/places.h"
#include "engine/core/replay.h"
#include "engine/core/store.h"
#include "engine/store/journal/journal_queue.h"
#include "engine/store/lease.h"
#include "engine/store/queries/registry.h"
#include "engine/store/sealing/master_keys.h"

namespace causeway::store {

class DataKeys;
class MessageSearch;
class MessageViews;
class QueueViews;
class Retention;
class Revisions;

struct StoreOptions {
  std::string conninfo;
  NodeId node{1};
  /// See LeaseRequest: a name under which the caller holds a lock, so that an earlier holder of
  /// this name is dead. Of all engines of an installation no two share one.
  std::string holder;
  /// How long to wait while another engine holds this node's lease; zero: refuse at once.
  Milliseconds standby_patience{0};
  LeaseTerms lease;
  QueueLimits journal;
};

class PostgresStore {
 public:
  /// Migrates, takes the lease, makes partitions ahead. Blocks. Conflict: another engine runs on
  /// this node's number; Invalid: the database is of a newer version; Unavailable: it is away.
  static Result<std::unique_ptr<PostgresStore>> open(const StoreOptions& options,
                                                     MasterKeys& masters, const Clock& clock,
                                                     Log& log);
  ~PostgresStore();

  /// Writes what waits for up to `grace`; later verbs are answered Stopped. The lease goes with the
  /// destructor.
  void stop(Milliseconds grace);

  Journal& journal();
  WorkReader& work();
  BodyStaging& staging();
  Places& places();
  const KeyedHash& keyed_hash() const;
  Registry& registry();
  Revisions& revisions();
  MessageSearch& search();
  MessageViews& messages();
  QueueViews& queues();
  IdentityStore& identity();
  AuditStore& audit();
  ReplayStore& replays();
  FailureStore& failures();
  LaneHolds& holds();
  Retention& retention();
  Sealer& sealer();
  DataKeys& data_keys();
  const Lease& lease() const;

 private:
  struct Parts;
  PostgresStore();
  Status open_parts(const StoreOptions& options, MasterKeys& masters, const Clock& clock, Log& log);
  Status make_ahead();
  void keep_house();

  std::unique_ptr<Parts> parts_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread housekeeper_;
};

}  // namespace causeway::store
