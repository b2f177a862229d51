// The LaneHolds on PostgreSQL: the table lane_hold. Reasons are sealed. Thread-safe.
#pragma once

#include "engine/core/lane_hold.h"
#include "engine/store/postgres/connection_pool.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

class HoldTable final : public LaneHolds {
 public:
  HoldTable(ConnectionPool& pool, Sealer& sealer) : pool_(pool), sealer_(sealer) {}

  Status put(const std::vector<LaneHold>& holds) override;
  Result<bool> remove(const std::vector<HeldLane>& lanes) override;
  Result<std::vector<LaneHold>> all() override;

 private:
  ConnectionPool& pool_;
  Sealer& sealer_;
};

}  // namespace causeway::store
