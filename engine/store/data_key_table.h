// The KeyTable on PostgreSQL: the table data_key. Thread-safe.
#pragma once

#include "engine/store/postgres/connection_pool.h"
#include "engine/store/sealing/key_table.h"

namespace causeway::store {

class DataKeyTable final : public KeyTable {
 public:
  explicit DataKeyTable(ConnectionPool& pool) : pool_(pool) {}

  Result<std::optional<KeyRow>> find(RetentionClass retention, Day day) override;
  Result<std::optional<KeyRow>> find_by_id(KeyId id) override;
  Result<KeyRow> insert(const KeyRow& row) override;
  Result<std::vector<KeyRow>> all() override;
  Status replace_wrapped(KeyId id, std::string_view old_wrapped,
                         std::string_view new_wrapped) override;
  Status destroy(KeyId id) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace causeway::store
