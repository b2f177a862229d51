// A KeyTable in memory: what PostgreSQL's does, without PostgreSQL. Thread-safe.
#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

#include "engine/store/sealing/key_table.h"

namespace causeway::testing {

class MemoryKeyTable final : public store::KeyTable {
 public:
  using KeyId = store::KeyId;
  using KeyRow = store::KeyRow;
  using RetentionClass = store::RetentionClass;

  Result<std::optional<KeyRow>> find(RetentionClass retention, Day day) override {
    return find_if([&](const KeyRow& row) { return same_slot(row, retention, day); });
  }
  Result<std::optional<KeyRow>> find_by_id(KeyId id) override {
    return find_if([&](const KeyRow& row) { return row.id == id; });
  }
  Result<KeyRow> insert(const KeyRow& row) override {
    std::lock_guard guard(mutex_);
    for (const auto& other : rows_) {
      if (same_slot(other, row.retention, row.day)) return other;
      if (other.id == row.id) return Error{ErrorKind::Conflict, "", "the id is taken"};
    }
    rows_.push_back(row);
    return row;
  }
  Result<std::vector<KeyRow>> all() override {
    std::lock_guard guard(mutex_);
    return rows_;
  }
  Status replace_wrapped(KeyId id, std::string_view old_wrapped,
                         std::string_view new_wrapped) override {
    std::lock_guard guard(mutex_);
    for (auto& row : rows_) {
      if (row.id != id || row.wrapped != old_wrapped) continue;
      row.wrapped = new_wrapped;
      return Done{};
    }
    return Error{ErrorKind::Conflict, "", "the row holds something else"};
  }
  Status destroy(KeyId id) override {
    std::lock_guard guard(mutex_);
    for (auto& row : rows_)
      if (row.id == id) row.wrapped.clear();
    return Done{};
  }

 private:
  static bool same_slot(const KeyRow& row, RetentionClass retention, Day day) {
    return row.retention.value == retention.value && row.day == day;
  }
  template <class Matches>
  std::optional<KeyRow> find_if(Matches matches) {
    std::lock_guard guard(mutex_);
    auto found = std::find_if(rows_.begin(), rows_.end(), matches);
    return found == rows_.end() ? std::nullopt : std::optional(*found);
  }

  std::mutex mutex_;
  std::vector<KeyRow> rows_;  // guarded by mutex_
};

}  // namespace causeway::testing
