#include "engine/store/partitions.h"

#include <fmt/format.h>

namespace causeway::store {
namespace {

// Made apart and then attached: that takes a lock which lets readers and writers go on. Two engines
// that make the same one are kept apart by an advisory lock of the transaction.
constexpr const char* lock_sql = "SELECT pg_advisory_xact_lock(6001, 1)";

std::string make_sql(const PartitionedTable& table, Day day) {
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {0} (LIKE {1} INCLUDING ALL,"
      "  CONSTRAINT {0}_day CHECK ({2} IS NOT NULL AND {2} >= {3} AND {2} < {4}));"
      "ALTER TABLE {1} ATTACH PARTITION {0} FOR VALUES FROM ({3}) TO ({4});"
      "ALTER TABLE {0} DROP CONSTRAINT {0}_day;",
      partition_name(table.name, day), table.name, table.key, first_id_of(day).value,
      first_id_of(day + std::chrono::days(1)).value);
}

Day day_from_name(std::string_view digits) {
  const int number = std::atoi(std::string(digits).c_str());
  const auto ymd = std::chrono::year(number / 10000) /
                   std::chrono::month(static_cast<unsigned>(number / 100 % 100)) /
                   std::chrono::day(static_cast<unsigned>(number % 100));
  return Day(ymd);
}

constexpr const char* exists_sql =
    "SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass($1::text)";

constexpr const char* days_sql =
    "SELECT DISTINCT right(c.relname, 8) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent IN ('message'::regclass, 'body_chunk'::regclass)"
    "  AND c.relname ~ '_[0-9]{8}$' ORDER BY 1";

}  // namespace

std::string partition_name(std::string_view table, Day day) {
  const std::chrono::year_month_day ymd(day);
  return fmt::format("{}_{:04}{:02}{:02}", table, static_cast<int>(ymd.year()),
                     static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
}

Status Partitions::ensure(Day first, int days) {
  std::lock_guard lock(mutex_);
  auto connection = Connection::open(target_);
  if (!connection) return connection.error();
  for (int i = 0; i < days; ++i)
    if (auto made = make_day(*connection, first + std::chrono::days(i)); !made) return made;
  return Done{};
}

Status Partitions::make_day(Connection& connection, Day day) {
  if (auto begun = connection.run("BEGIN"); !begun) return begun;
  Status status = Done{};
  if (auto locked = connection.query(lock_sql); !locked) status = locked.error();
  for (const auto& table : partitioned_tables) {
    if (!status) break;
    auto exists = connection.query(exists_sql, Params().bytes(partition_name(table.name, day)));
    if (!exists)
      status = exists.error();
    else if (exists->empty())
      status = connection.run(make_sql(table, day));
  }
  auto ended = connection.run(status.ok() ? "COMMIT" : "ROLLBACK");
  return status.ok() ? ended : status;
}

Result<std::vector<Day>> Partitions::days() {
  std::lock_guard lock(mutex_);
  auto connection = Connection::open(target_);
  if (!connection) return connection.error();
  auto rows = connection->query(days_sql);
  if (!rows) return rows.error();
  std::vector<Day> days;
  for (std::size_t i = 0; i < rows->size(); ++i) days.push_back(day_from_name(rows->bytes(i, 0)));
  return days;
}

}  // namespace causeway::store
