#include "engine/store/journal/unknown_commit.h"

namespace causeway::store {
namespace {

constexpr const char* backend_sql =
    "SELECT pid FROM pg_stat_activity WHERE pid = $1::integer"
    " AND (extract(epoch FROM backend_start) * 1000000)::bigint = $2::bigint";

constexpr const char* end_sql = "SELECT pg_terminate_backend($1::integer)";

constexpr const char* message_sql =
    "SELECT 1 FROM message WHERE id = $1::bigint AND $2::bigint = 0";
constexpr const char* settlement_sql =
    "SELECT 1 FROM settlement WHERE id = $1::bigint AND seq = $2::bigint";
constexpr const char* passage_sql =
    "SELECT 1 FROM passage WHERE id = $1::bigint AND run = $2::bigint";

const char* sql_for(Witness::Kind kind) {
  switch (kind) {
    case Witness::Kind::Message:
      return message_sql;
    case Witness::Kind::Settlement:
      return settlement_sql;
    default:
      return passage_sql;
  }
}

}  // namespace

Result<bool> backend_gone(Connection& connection, Backend backend, StillThere still_there) {
  auto rows = connection.query(backend_sql, Params().normal(backend.pid).integer(backend.start));
  if (!rows) return rows.error();
  if (rows->empty()) return true;
  if (still_there == StillThere::End)
    if (auto ended = connection.query(end_sql, Params().normal(backend.pid)); !ended)
      return ended.error();
  return false;
}

Result<bool> witnessed(Connection& connection, const Witness& witness) {
  auto rows =
      connection.query(sql_for(witness.kind), Params().integer(witness.id).integer(witness.number));
  if (!rows) return rows.error();
  return !rows->empty();
}

}  // namespace causeway::store
