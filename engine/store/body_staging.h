// BodyStaging on PostgreSQL: sealed chunks of 1 MiB, each committed by itself, on connections of
// their own. A body belongs to a message once the message's commit has bound it (body_of); those
// bound to none are swept by Retention. Chunks are sealed under the class "for ever" and removed
// with the messages they are bound to. Thread-safe; a writer is used by one thread.
#pragma once

#include <mutex>

#include "engine/core/id_sequence.h"
#include "engine/core/store.h"
#include "engine/store/partitions.h"
#include "engine/store/postgres/connection_pool.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

class PostgresBodyStaging final : public BodyStaging {
 public:
  /// `last`: the highest body id in the store.
  PostgresBodyStaging(ConnectionPool& pool, Sealer& sealer, Partitions& partitions,
                      const Clock& clock, NodeId node, BodyId last);

  Result<std::unique_ptr<Writer>> begin() override;
  Result<std::string> read(BodyId body, std::uint64_t offset, std::size_t bytes) override;

  static Result<BodyId> last_body(ConnectionPool& pool);

 private:
  class ChunkWriter;
  Status write_chunk(BodyId body, std::uint32_t chunk, std::string_view bytes);
  BodyId next_id();

  ConnectionPool& pool_;
  Sealer& sealer_;
  Partitions& partitions_;
  std::mutex mutex_;
  IdSequence ids_;  // guarded by mutex_
};

}  // namespace causeway::store
