#include "engine/store/read_only_store.h"

#include "engine/store/audit_table.h"
#include "engine/store/body_staging.h"
#include "engine/store/data_key_table.h"
#include "engine/store/hold_table.h"
#include "engine/store/schema.h"
#include "engine/store/sealing/aes_gcm_sealer.h"
#include "engine/store/work_reader.h"

namespace causeway::store {

struct ReadOnlyStore::Parts {
  explicit Parts(const Target& target)
      : pool(target), partitions(target), key_table(pool), registry(pool, classes), queues(pool) {}

  ConnectionPool pool;
  Partitions partitions;
  RetentionClasses classes;
  DataKeyTable key_table;
  Registry registry;
  QueueViews queues;
  MachineClock clock;
  std::unique_ptr<DataKeys> keys;
  std::unique_ptr<AesGcmSealer> sealer;  // opens, never seals: so it needs no epoch of its own
  std::unique_ptr<MessageSearch> search;
  std::unique_ptr<MessageViews> messages;
  std::unique_ptr<Revisions> revisions;
  std::unique_ptr<PostgresWorkReader> work;
  std::unique_ptr<PostgresBodyStaging> staging;
  std::unique_ptr<AuditTable> audit;
  std::unique_ptr<HoldTable> holds;
};

ReadOnlyStore::ReadOnlyStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ReadOnlyStore::~ReadOnlyStore() = default;

Result<std::unique_ptr<ReadOnlyStore>> ReadOnlyStore::open(const std::string& conninfo,
                                                           MasterKeys& masters) {
  auto parts = std::make_unique<Parts>(Target{conninfo, "causeway reader"});
  {
    auto connection = parts->pool.lend();
    if (!connection) return connection.error();
    if (auto good = check_schema(**connection); !good) return good.error();
  }
  parts->keys = std::make_unique<DataKeys>(parts->key_table, masters);
  auto sealer = AesGcmSealer::make(*parts->keys, NodeId{}, Epoch{});
  if (!sealer) return sealer.error();
  parts->sealer = std::move(*sealer);
  parts->search = std::make_unique<MessageSearch>(parts->pool, *parts->sealer);
  parts->messages = std::make_unique<MessageViews>(parts->pool, *parts->sealer);
  parts->revisions = std::make_unique<Revisions>(parts->pool, *parts->sealer);
  parts->work = std::make_unique<PostgresWorkReader>(parts->pool, *parts->sealer, NodeId{});
  parts->staging = std::make_unique<PostgresBodyStaging>(
      parts->pool, *parts->sealer, parts->partitions, parts->clock, NodeId{}, BodyId{});
  parts->audit = std::make_unique<AuditTable>(parts->pool, *parts->sealer);
  parts->holds = std::make_unique<HoldTable>(parts->pool, *parts->sealer);
  return std::unique_ptr<ReadOnlyStore>(new ReadOnlyStore(std::move(parts)));
}

WorkReader& ReadOnlyStore::work() {
  return *parts_->work;
}

Result<std::string> ReadOnlyStore::read_body(BodyId body, std::uint64_t offset, std::size_t bytes) {
  return parts_->staging->read(body, offset, bytes);
}

MessageSearch& ReadOnlyStore::search() {
  return *parts_->search;
}

MessageViews& ReadOnlyStore::messages() {
  return *parts_->messages;
}

QueueViews& ReadOnlyStore::queues() {
  return parts_->queues;
}

LaneHolds& ReadOnlyStore::holds() {
  return *parts_->holds;
}

AuditStore& ReadOnlyStore::audit() {
  return *parts_->audit;
}

Revisions& ReadOnlyStore::revisions() {
  return *parts_->revisions;
}

Registry& ReadOnlyStore::registry() {
  return parts_->registry;
}

}  // namespace causeway::store
