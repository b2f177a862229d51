// The FailureStore on PostgreSQL: the tables failure_cause and failure_message. Thread-safe.
#pragma once

#include <mutex>

#include "engine/core/failure.h"
#include "engine/store/postgres/connection_pool.h"

namespace causeway::store {

namespace failure_sql {
extern const char* const find;  // channels integer[], last seen, id, rows bigint
extern const char* const open;  // causes bigint[], rows bigint
}  // namespace failure_sql

class FailureTable final : public FailureStore {
 public:
  /// For so long it is known which messages failed for what; counts are kept for ever.
  static constexpr auto messages_kept = std::chrono::days(90);

  explicit FailureTable(ConnectionPool& pool) : pool_(pool) {}

  Status add(const std::vector<FailureGroup>& seen) override;
  Result<std::vector<FailureGroup>> find(const Query& query) override;
  Result<FailureGroup> group(std::uint64_t id) override;
  Result<std::vector<std::int64_t>> open(const std::vector<std::uint64_t>& ids) override;

 private:
  Status forget_old(SystemTime now);

  ConnectionPool& pool_;
  std::mutex mutex_;
  Day forgotten_on_{};  // guarded by mutex_
};

}  // namespace causeway::store
