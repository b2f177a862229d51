#include "engine/store/failure_table.h"

#include <algorithm>

#include "engine/store/journal/row_maker.h"
#include "engine/store/postgres/column.h"

namespace causeway::store {

#define CAUSEWAY_FAILURE_COLUMNS                                                               \
  "id, first_seen, last_seen, count, channel, destination, first_deployment, last_deployment," \
  " kind, stage, place, code"

namespace failure_sql {

const char* const find = "SELECT " CAUSEWAY_FAILURE_COLUMNS
                         " FROM failure_cause WHERE channel = ANY ($1::integer[])"
                         " AND (last_seen, id) < ($2::bigint, $3::bigint)"
                         " ORDER BY last_seen DESC, id DESC LIMIT $4::bigint";

const char* const open =
    "SELECT (SELECT count(*) FROM (SELECT f.message FROM failure_message f"
    "     WHERE f.cause = asked.cause ORDER BY f.message DESC LIMIT $2::bigint) newest"
    "   WHERE EXISTS (SELECT 1 FROM attention a WHERE a.message = newest.message))"
    " FROM unnest($1::bigint[]) WITH ORDINALITY AS asked(cause, n) ORDER BY n";

}  // namespace failure_sql

namespace {

constexpr const char* add_sql =
    "INSERT INTO failure_cause AS known (" CAUSEWAY_FAILURE_COLUMNS
    ")"
    " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::integer[],"
    "   $6::integer[], $7::integer[], $8::integer[], $9::smallint[], $10::text[], $11::text[],"
    "   $12::text[])"
    " ON CONFLICT (id) DO UPDATE SET last_seen = greatest(known.last_seen, excluded.last_seen),"
    "   count = known.count + excluded.count, last_deployment = excluded.last_deployment";
constexpr const char* add_messages_sql =
    "INSERT INTO failure_message (cause, message)"
    " SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING";
constexpr const char* group_sql =
    "SELECT " CAUSEWAY_FAILURE_COLUMNS " FROM failure_cause WHERE id = $1::bigint";
constexpr const char* forget_sql = "DELETE FROM failure_message WHERE message < $1::bigint";

FailureGroup group_of(const Rows& rows, std::size_t i) {
  FailureGroup group;
  group.id = static_cast<std::uint64_t>(rows.integer(i, 0));
  group.first_seen = from_stored(rows.integer(i, 1));
  group.last_seen = from_stored(rows.integer(i, 2));
  group.count = rows.integer(i, 3);
  group.cause.queue = {ChannelId{rows.integer32(i, 4)}, DestinationId{rows.integer32(i, 5)}};
  group.first_deployment.value = rows.integer32(i, 6);
  group.last_deployment.value = rows.integer32(i, 7);
  group.cause.kind = static_cast<ErrorKind>(rows.integer(i, 8));
  group.cause.stage = rows.bytes(i, 9);
  group.cause.place = rows.bytes(i, 10);
  group.cause.code = rows.bytes(i, 11);
  return group;
}

}  // namespace

Status FailureTable::add(const std::vector<FailureGroup>& seen) {
  using enum ColumnType;
  std::vector<Column> columns;
  for (auto type : {Int8, Int8, Int8, Int8, Int4, Int4, Int4, Int4, Int2, Text, Text, Text})
    columns.emplace_back(type);
  Column causes(Int8), messages(Int8);
  SystemTime newest;
  for (const auto& group : seen) {
    const auto id = static_cast<std::int64_t>(group.id);
    const std::int64_t numbers[] = {id,
                                    to_stored(group.first_seen),
                                    to_stored(group.last_seen),
                                    group.count,
                                    group.cause.queue.channel.value,
                                    group.cause.queue.destination.value,
                                    group.first_deployment.value,
                                    group.last_deployment.value,
                                    static_cast<std::int64_t>(group.cause.kind)};
    for (std::size_t i = 0; i < std::size(numbers); ++i) columns[i].add(numbers[i]);
    columns[9].add_bytes(group.cause.stage);
    columns[10].add_bytes(group.cause.place);
    columns[11].add_bytes(group.cause.code);
    for (auto message : group.messages) {
      causes.add(id);
      messages.add(message.value);
    }
    newest = std::max(newest, group.last_seen);
  }
  auto known =
      pool_.query(add_messages_sql, Params().array(causes.array()).array(messages.array()));
  if (!known) return known.error();
  Params params;
  for (auto& column : columns) params.array(column.array());
  auto connection = pool_.lend();  // asked once: twice would count twice
  if (!connection) return connection.error();
  auto added = (*connection)->query(add_sql, params);
  if (!added) return added.error();
  return forget_old(newest);
}

Status FailureTable::forget_old(SystemTime now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  {
    std::lock_guard lock(mutex_);
    if (forgotten_on_ == day) return Done{};
    forgotten_on_ = day;
  }
  auto gone = pool_.query(forget_sql, Params().integer(first_id_of(day - messages_kept).value));
  if (!gone) return gone.error();
  return Done{};
}

Result<std::vector<FailureGroup>> FailureTable::find(const Query& query) {
  Column channels(ColumnType::Int4);
  for (auto channel : query.channels) channels.add(channel.value);
  auto rows =
      pool_.query(failure_sql::find, Params()
                                         .array(channels.array())
                                         .integer(to_stored(query.before))
                                         .integer(static_cast<std::int64_t>(query.before_id))
                                         .integer(static_cast<std::int64_t>(query.rows)));
  if (!rows) return rows.error();
  std::vector<FailureGroup> groups;
  for (std::size_t i = 0; i < rows->size(); ++i) groups.push_back(group_of(*rows, i));
  return groups;
}

Result<FailureGroup> FailureTable::group(std::uint64_t id) {
  auto rows = pool_.query(group_sql, Params().integer(static_cast<std::int64_t>(id)));
  if (!rows) return rows.error();
  if (rows->empty()) return Error{ErrorKind::NotFound, "", "there is no such cause"};
  return group_of(*rows, 0);
}

Result<std::vector<std::int64_t>> FailureTable::open(const std::vector<std::uint64_t>& ids) {
  Column causes(ColumnType::Int8);
  for (auto id : ids) causes.add(static_cast<std::int64_t>(id));
  auto rows =
      pool_.query(failure_sql::open, Params().array(causes.array()).integer(open_counted_max));
  if (!rows) return rows.error();
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i < rows->size(); ++i) counts.push_back(rows->integer(i, 0));
  return counts;
}

}  // namespace causeway::store
