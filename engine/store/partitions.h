// The journal's partitions: one per table and UTC day, made ahead, and on demand where one is
// missing. Thread-safe; blocks on connections of its own.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.h"
#include "engine/store/postgres/connection.h"

namespace causeway::store {

/// The partitioned tables, and the column that tells the day.
struct PartitionedTable {
  std::string_view name;
  std::string_view key;
};
inline constexpr PartitionedTable partitioned_tables[] = {
    {"message", "id"}, {"passage", "id"},      {"settlement", "id"}, {"term", "message"},
    {"link", "id"},    {"body_chunk", "body"}, {"body_of", "body"},
};

std::string partition_name(std::string_view table, Day day);  ///< "message_20261124"

class Partitions {
 public:
  static constexpr int days_ahead = 3;

  explicit Partitions(Target target) : target_(std::move(target)) {}

  /// Makes those of `first` and the `days` after it that don't exist.
  Status ensure(Day first, int days);
  Status ensure_ahead(Day today) { return ensure(today - std::chrono::days(1), days_ahead + 2); }
  /// The days that have partitions, ascending.
  Result<std::vector<Day>> days();

 private:
  Status make_day(Connection& connection, Day day);

  const Target target_;
  std::mutex mutex_;
};

}  // namespace causeway::store
