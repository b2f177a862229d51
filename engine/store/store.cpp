#include "engine/store/store.h"

#include "engine/store/audit_table.h"
#include "engine/store/body_staging.h"
#include "engine/store/data_key_table.h"
#include "engine/store/failure_table.h"
#include "engine/store/hold_table.h"
#include "engine/store/identity_tables.h"
#include "engine/store/journal/journal_writer.h"
#include "engine/store/partitions.h"
#include "engine/store/place_table.h"
#include "engine/store/queries/message_search.h"
#include "engine/store/queries/message_view.h"
#include "engine/store/queries/queue_views.h"
#include "engine/store/queries/revisions.h"
#include "engine/store/replay_table.h"
#include "engine/store/retention.h"
#include "engine/store/schema.h"
#include "engine/store/sealing/aes_gcm_sealer.h"
#include "engine/store/sealing/data_keys.h"
#include "engine/store/sealing/installation_hash.h"
#include "engine/store/store_keys.h"
#include "engine/store/work_reader.h"

namespace causeway::store {
namespace {

constexpr auto house_every = std::chrono::minutes(10);

Day today(const Clock& clock) {
  return std::chrono::floor<std::chrono::days>(clock.now());
}

}  // namespace

// In the order in which they are made; each uses only those above it.
struct PostgresStore::Parts {
  Parts(Target it, const Clock& its_clock, Log& its_log)
      : target(std::move(it)),
        clock(its_clock),
        log(its_log),
        pool(target),
        partitions(target),
        key_table(pool),
        registry(pool, classes),
        identity(pool),
        failures(pool) {}

  const Target target;
  const Clock& clock;
  Log& log;
  ConnectionPool pool;
  Partitions partitions;
  RetentionClasses classes;
  DataKeyTable key_table;
  Registry registry;
  IdentityTables identity;
  FailureTable failures;
  std::unique_ptr<Lease> lease;
  std::unique_ptr<DataKeys> data_keys;
  std::unique_ptr<AesGcmSealer> sealer;
  std::unique_ptr<InstallationHash> hash;
  std::unique_ptr<PlaceTable> places;
  std::unique_ptr<Revisions> revisions;
  std::unique_ptr<MessageSearch> search;
  std::unique_ptr<MessageViews> messages;
  std::unique_ptr<QueueViews> queues;
  std::unique_ptr<AuditTable> audit;
  std::unique_ptr<ReplayTable> replays;
  std::unique_ptr<HoldTable> holds;
  std::unique_ptr<Retention> retention;
  std::unique_ptr<PostgresWorkReader> reader;
  std::unique_ptr<PostgresBodyStaging> staging;
  std::unique_ptr<RowMaker> rows;
  std::unique_ptr<JournalWriter> journal;
};

PostgresStore::PostgresStore() = default;

Result<std::unique_ptr<PostgresStore>> PostgresStore::open(const StoreOptions& options,
                                                           MasterKeys& masters, const Clock& clock,
                                                           Log& log) {
  std::unique_ptr<PostgresStore> store(new PostgresStore());
  if (auto done = store->open_parts(options, masters, clock, log); !done) return done.error();
  store->housekeeper_ = std::thread([self = store.get()] { self->keep_house(); });
  return store;
}

Status PostgresStore::open_parts(const StoreOptions& options, MasterKeys& masters,
                                 const Clock& clock, Log& log) {
  const Target target{options.conninfo, "causeway node " + std::to_string(options.node.value)};
  parts_ = std::make_unique<Parts>(target, clock, log);
  auto& parts = *parts_;
  {
    auto connection = parts.pool.lend();
    if (!connection) return connection.error();
    if (auto done = migrate(**connection); !done) return done;
  }
  if (auto done = parts.registry.load(); !done) return done;

  LeaseRequest request{target, options.node, options.holder, options.standby_patience,
                       options.lease};
  auto lease = Lease::take(request, clock, log);
  if (!lease) return lease.error();
  parts.lease = std::move(*lease);

  if (auto done = check_keys(parts.key_table, masters); !done) return done;
  parts.data_keys = std::make_unique<DataKeys>(parts.key_table, masters);
  auto sealer = AesGcmSealer::make(*parts.data_keys, options.node, parts.lease->epoch());
  if (!sealer) return sealer.error();
  parts.sealer = std::move(*sealer);
  auto hash = InstallationHash::make(*parts.data_keys);
  if (!hash) return hash.error();
  parts.hash = std::move(*hash);
  if (auto done = make_ahead(); !done) return done;

  parts.places = std::make_unique<PlaceTable>(parts.pool, *parts.sealer, *parts.hash, clock);
  parts.revisions = std::make_unique<Revisions>(parts.pool, *parts.sealer);
  parts.search = std::make_unique<MessageSearch>(parts.pool, *parts.sealer);
  parts.messages = std::make_unique<MessageViews>(parts.pool, *parts.sealer);
  parts.queues = std::make_unique<QueueViews>(parts.pool);
  parts.audit = std::make_unique<AuditTable>(parts.pool, *parts.sealer);
  parts.replays = std::make_unique<ReplayTable>(parts.pool, *parts.sealer);
  parts.holds = std::make_unique<HoldTable>(parts.pool, *parts.sealer);
  parts.retention =
      std::make_unique<Retention>(target, parts.registry, parts.partitions, *parts.data_keys, log);
  parts.reader = std::make_unique<PostgresWorkReader>(parts.pool, *parts.sealer, options.node);
  auto last = parts.reader->last_message();
  if (!last) return last.error();
  auto last_body = PostgresBodyStaging::last_body(parts.pool);
  if (!last_body) return last_body.error();
  parts.staging = std::make_unique<PostgresBodyStaging>(parts.pool, *parts.sealer, parts.partitions,
                                                        clock, options.node, *last_body);
  parts.rows = std::make_unique<RowMaker>(*parts.sealer, *parts.hash, parts.classes);
  parts.journal = std::make_unique<JournalWriter>(
      *parts.rows, QueueParts{target, *parts.lease, parts.partitions, clock, log, options.journal},
      *last);
  return Done{};
}

// Partitions, and the data keys of the days to come, so that no verb has to wait for either.
Status PostgresStore::make_ahead() {
  auto& parts = *parts_;
  const auto day = today(parts.clock);
  if (auto made = parts.partitions.ensure_ahead(day); !made) return made;
  for (int ahead = 0; ahead <= 1; ++ahead)
    for (auto retention : parts.classes.all())
      if (auto key = parts.data_keys->for_sealing(retention, day + std::chrono::days(ahead)); !key)
        return key.error();
  return Done{};
}

void PostgresStore::keep_house() {
  Day retained_on{};
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, house_every, [this] { return stopping_; })) {
    lock.unlock();
    if (auto made = make_ahead(); !made)
      parts_->log.warn("store.not_made_ahead",
                       {{"kind", std::string(to_string(made.error().kind))}});
    const auto day = today(parts_->clock);
    if (day != retained_on && parts_->retention->run(day)) retained_on = day;
    lock.lock();
  }
}

PostgresStore::~PostgresStore() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (parts_->retention) parts_->retention->stop();
  if (housekeeper_.joinable()) housekeeper_.join();
}

void PostgresStore::stop(Milliseconds grace) {
  parts_->journal->stop(grace);
}

Journal& PostgresStore::journal() {
  return *parts_->journal;
}

WorkReader& PostgresStore::work() {
  return *parts_->reader;
}

Places& PostgresStore::places() {
  return *parts_->places;
}

BodyStaging& PostgresStore::staging() {
  return *parts_->staging;
}

const KeyedHash& PostgresStore::keyed_hash() const {
  return *parts_->hash;
}

Registry& PostgresStore::registry() {
  return parts_->registry;
}

Revisions& PostgresStore::revisions() {
  return *parts_->revisions;
}

MessageSearch& PostgresStore::search() {
  return *parts_->search;
}

MessageViews& PostgresStore::messages() {
  return *parts_->messages;
}

QueueViews& PostgresStore::queues() {
  return *parts_->queues;
}

IdentityStore& PostgresStore::identity() {
  return parts_->identity;
}

AuditStore& PostgresStore::audit() {
  return *parts_->audit;
}

ReplayStore& PostgresStore::replays() {
  return *parts_->replays;
}

FailureStore& PostgresStore::failures() {
  return parts_->failures;
}

LaneHolds& PostgresStore::holds() {
  return *parts_->holds;
}

Retention& PostgresStore::retention() {
  return *parts_->retention;
}

Sealer& PostgresStore::sealer() {
  return *parts_->sealer;
}

DataKeys& PostgresStore::data_keys() {
  return *parts_->data_keys;
}

const Lease& PostgresStore::lease() const {
  return *parts_->lease;
}

}  // namespace causeway::store
