// The ReplayStore on PostgreSQL: the tables replay and replay_message. Plans are sealed.
// Thread-safe.
#pragma once

#include "engine/core/replay.h"
#include "engine/store/postgres/connection_pool.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

namespace replay_sql {
// replay, after bigint, rows bigint
extern const char* const messages;
extern const char* const open;
}  // namespace replay_sql

class ReplayTable final : public ReplayStore {
 public:
  ReplayTable(ConnectionPool& pool, Sealer& sealer) : pool_(pool), sealer_(sealer) {}

  Result<ReplayId> add(const ReplayTask& task) override;
  Result<ReplayTask> task(ReplayId id) override;
  Result<std::vector<ReplayTask>> tasks(ReplayId before, std::size_t rows) override;
  Result<std::vector<ReplayTask>> open() override;
  Status collected(ReplayId id, const std::vector<MessageId>& messages, MessageId down_to) override;
  Result<std::vector<MessageId>> messages(ReplayId id, MessageId after, std::size_t rows) override;
  Status progressed(ReplayId id, MessageId from, MessageId position, std::int64_t done,
                    const std::vector<ReplayRefusal>& refused) override;
  Status change_state(ReplayId id, const std::vector<ReplayState>& from, ReplayState to,
                      SystemTime at) override;
  Result<std::vector<ReplayRefusal>> refusals(ReplayId id, std::size_t rows) override;

 private:
  Result<std::string> seal(SystemTime created_at, const ReplayPlan& plan);
  Status forget_content(ReplayId id);

  ConnectionPool& pool_;
  Sealer& sealer_;
};

}  // namespace causeway::store
