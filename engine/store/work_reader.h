// The WorkReader on PostgreSQL. Each verb is one query, whose plan engine/store/README.md tells.
// Thread-safe.
#pragma once

#include "engine/core/store.h"
#include "engine/store/postgres/connection_pool.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

class PostgresWorkReader final : public WorkReader {
 public:
  PostgresWorkReader(ConnectionPool& pool, Sealer& sealer, NodeId node)
      : pool_(pool), sealer_(sealer), node_(node) {}

  Result<MessageId> last_message() override;
  Result<std::map<WorkQueue, MessageId>> low_waters() override;
  Result<std::vector<OpenRun>> open_runs(ChannelId channel, Page page) override;
  Result<std::vector<OpenDelivery>> open_deliveries(WorkQueue queue, Page page) override;
  Result<std::vector<AttentionRow>> attention(WorkQueue queue, WorkRef after,
                                              std::size_t rows) override;
  Result<std::vector<AttentionRow>> behind(WorkQueue queue, std::uint64_t order_key,
                                           std::size_t rows) override;
  Result<StoredMessage> message(MessageId id) override;
  Result<std::optional<std::string>> state(ChannelId channel, std::uint64_t lane,
                                           std::uint64_t key) override;
  Result<StoredDelivery> delivery(WorkRef work) override;
  std::vector<Result<StoredDelivery>> deliveries(const std::vector<WorkRef>& works) override;
  Result<std::vector<SeenKey>> recent_duplicate_keys(std::size_t rows) override;
  Result<std::optional<ReplyRecord>> reply_of(MessageId id) override;
  Result<int> trying(WorkRef work) override;
  Status tried(const std::vector<WorkRef>& works) override;

 private:
  Result<std::vector<AttentionRow>> attention_rows(const Rows& rows) const;

  ConnectionPool& pool_;
  Sealer& sealer_;
  const NodeId node_;
};

}  // namespace causeway::store
