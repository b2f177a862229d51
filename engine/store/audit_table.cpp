#include "engine/store/audit_table.h"

#include "engine/store/journal/row_maker.h"

namespace causeway::store {
namespace {

// A row that is there with the same hash is this one: the statement may have run before a
// connection was lost.
constexpr const char* append_sql =
    "INSERT INTO audit (node, seq, at, actor, proof, peer, action, channel, target, outcome,"
    "    detail, hash)"
    " VALUES ($1::smallint, $2::bigint, $3::bigint, $4::text, $5::text, $6::text, $7::text,"
    "    $8::text, $9::text, $10::text, $11::bytea, $12::bytea) ON CONFLICT DO NOTHING";
constexpr const char* is_there_sql =
    "SELECT hash = $3::bytea FROM audit WHERE node = $1::smallint AND seq = $2::bigint";

#define CAUSEWAY_AUDIT_COLUMNS \
  "node, seq, at, actor, proof, peer, action, channel, target, outcome, detail, hash"

constexpr const char* last_sql = "SELECT " CAUSEWAY_AUDIT_COLUMNS
                                 " FROM audit WHERE node = $1::smallint ORDER BY seq DESC LIMIT 1";
constexpr const char* nodes_sql =
    "SELECT n FROM generate_series(0, 63) n WHERE EXISTS (SELECT FROM audit WHERE node = n)";
constexpr const char* rows_sql = "SELECT " CAUSEWAY_AUDIT_COLUMNS
                                 " FROM audit WHERE node = $1::smallint AND seq > $2::bigint"
                                 " ORDER BY seq LIMIT $3::bigint";
constexpr const char* find_sql =
    "SELECT " CAUSEWAY_AUDIT_COLUMNS
    " FROM audit WHERE at >= $1::bigint AND at < $2::bigint"
    " AND (at, node, seq) < ($3::bigint, $4::smallint, $5::bigint)"
    " AND ($6::text = '' OR actor = $6::text) AND ($7::text = '' OR action = $7::text)"
    " AND ($8::text = '' OR channel = $8::text OR starts_with(channel, $8::text || '/'))"
    " AND ($9::text = '' OR target = $9::text)"
    " ORDER BY at DESC, node DESC, seq DESC LIMIT $10::bigint";

AuditRow row_of(const Rows& rows, std::size_t i) {
  AuditRow row;
  row.node.value = static_cast<std::int16_t>(rows.integer(i, 0));
  row.seq = rows.integer(i, 1);
  row.at = from_stored(rows.integer(i, 2));
  row.actor = rows.bytes(i, 3);
  row.proof = rows.bytes(i, 4);
  row.peer = rows.bytes(i, 5);
  row.action = rows.bytes(i, 6);
  row.channel = rows.bytes(i, 7);
  row.target = rows.bytes(i, 8);
  row.outcome = rows.bytes(i, 9);
  row.detail = rows.bytes(i, 10);
  row.hash = rows.bytes(i, 11);
  return row;
}

Result<std::vector<AuditRow>> all(const Result<Rows>& rows) {
  if (!rows) return rows.error();
  std::vector<AuditRow> found;
  for (std::size_t i = 0; i < rows->size(); ++i) found.push_back(row_of(*rows, i));
  return found;
}

/// The day of its key is the id's, so the row's time is in it.
SealPlace place_of(const AuditRow& row) {
  const auto ms = std::chrono::floor<Milliseconds>(row.at).time_since_epoch().count();
  return {make_message_id(ms, row.node, static_cast<std::uint16_t>(row.seq)).value, Role::Audit,
          static_cast<std::uint32_t>(row.seq)};
}

}  // namespace

Status AuditTable::append(const AuditRow& row) {
  Params params;
  params.small(row.node.value).integer(row.seq).integer(to_stored(row.at)).bytes(row.actor);
  params.bytes(row.proof).bytes(row.peer).bytes(row.action).bytes(row.channel).bytes(row.target);
  params.bytes(row.outcome).bytes(row.detail).bytes(row.hash);
  auto added = pool_.query(append_sql, params);
  if (!added) return added.error();
  if (added->affected() > 0) return Done{};
  auto same = pool_.query(
      is_there_sql, std::move(Params().small(row.node.value).integer(row.seq).bytes(row.hash)));
  if (!same) return same.error();
  if (!same->empty() && same->boolean(0, 0)) return Done{};
  return Error{ErrorKind::Conflict, "audit", "there is another row of this number"};
}

Result<AuditRow> AuditTable::last(NodeId node) {
  auto rows = all(pool_.query(last_sql, Params().small(node.value)));
  if (!rows) return rows.error();
  if (!rows->empty()) return std::move(rows->front());
  AuditRow none;
  none.node = node;
  return none;
}

Result<std::vector<NodeId>> AuditTable::nodes() {
  auto rows = pool_.query(nodes_sql);
  if (!rows) return rows.error();
  std::vector<NodeId> found;
  for (std::size_t i = 0; i < rows->size(); ++i)
    found.push_back({static_cast<std::int16_t>(rows->integer(i, 0))});
  return found;
}

Result<std::vector<AuditRow>> AuditTable::rows(NodeId node, std::int64_t after, std::size_t most) {
  Params params;
  params.small(node.value).integer(after).integer(static_cast<std::int64_t>(most));
  return all(pool_.query(rows_sql, params));
}

Result<std::vector<AuditRow>> AuditTable::find(const Query& query) {
  const bool first_page = query.before_seq == 0;
  Params params;
  params.integer(to_stored(query.from)).integer(to_stored(query.to));
  params.integer(first_page ? INT64_MAX : to_stored(query.before_at));
  params.small(query.before_node.value).integer(query.before_seq);
  params.bytes(query.actor).bytes(query.action).bytes(query.channel).bytes(query.target);
  params.integer(static_cast<std::int64_t>(query.most));
  return all(pool_.query(find_sql, params));
}

Result<std::string> AuditTable::seal(const AuditRow& row, std::string_view detail) {
  return sealer_.seal(place_of(row), RetentionClass{}, detail);
}

Result<std::string> AuditTable::open(const AuditRow& row) {
  if (row.detail.empty()) return std::string();
  return sealer_.open(place_of(row), row.detail);
}

}  // namespace causeway::store
