#include "engine/store/backup/ledger.h"

#include "engine/store/postgres/connection.h"

namespace causeway::store {
namespace {

constexpr auto longest = std::chrono::hours(12);

constexpr const char* tables_sql =
    "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'causeway'::regnamespace"
    " AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    " AND c.relname NOT IN ('lease', 'sending_hold') ORDER BY c.relname COLLATE \"C\"";

}  // namespace

Result<std::string> read_ledger(const std::string& conninfo) {
  auto connection = Connection::open({conninfo, "causeway ledger"});
  if (!connection) return connection.error();
  if (auto allowed = connection->allow_long_statements(longest); !allowed) return allowed.error();
  auto tables = connection->query(tables_sql);
  if (!tables) return tables.error();
  std::string text;
  for (std::size_t i = 0; i < tables->size(); ++i) {
    const std::string name(tables->bytes(i, 0));
    // Names are the migrations' own. The sum does not depend on the order of the rows.
    const auto sql =
        "SELECT (count(*) || ' ' || coalesce(sum(hash_record_extended(t, 0)::numeric),"
        " 0))::text FROM " +
        name + " t";
    auto row = connection->query(sql.c_str());
    if (!row) return row.error();
    text += name + " " + std::string(row->bytes(0, 0)) + "\n";
  }
  return text;
}

}  // namespace causeway::store
