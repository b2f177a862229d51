// The AuditStore on PostgreSQL: the table audit. Details are sealed under the class "for ever",
// with the day's key. Thread-safe.
#pragma once

#include "engine/core/audit.h"
#include "engine/store/postgres/connection_pool.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

class AuditTable final : public AuditStore {
 public:
  AuditTable(ConnectionPool& pool, Sealer& sealer) : pool_(pool), sealer_(sealer) {}

  Status append(const AuditRow& row) override;
  Result<AuditRow> last(NodeId node) override;
  Result<std::vector<NodeId>> nodes() override;
  Result<std::vector<AuditRow>> rows(NodeId node, std::int64_t after, std::size_t most) override;
  Result<std::vector<AuditRow>> find(const Query& query) override;
  Result<std::string> seal(const AuditRow& row, std::string_view detail) override;
  Result<std::string> open(const AuditRow& row) override;

 private:
  ConnectionPool& pool_;
  Sealer& sealer_;
};

}  // namespace causeway::store
