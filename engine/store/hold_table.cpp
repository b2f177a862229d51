#include "engine/store/hold_table.h"

#include "engine/store/journal/row_maker.h"
#include "engine/store/postgres/column.h"

namespace causeway::store {
namespace {

constexpr const char* put_sql =
    "INSERT INTO lane_hold (channel, destination, lane, named_by, since, author, reason)"
    " SELECT * FROM unnest($1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[],"
    "   $6::text[], $7::bytea[])"
    " ON CONFLICT (channel, destination, lane) DO UPDATE SET named_by = excluded.named_by,"
    "   since = excluded.since, author = excluded.author, reason = excluded.reason";
constexpr const char* remove_sql =
    "DELETE FROM lane_hold WHERE (channel, destination, lane) IN"
    " (SELECT * FROM unnest($1::integer[], $2::integer[], $3::bigint[]))";
constexpr const char* all_sql =
    "SELECT channel, destination, lane, named_by, since, author, reason FROM lane_hold"
    " ORDER BY channel, destination, lane";

/// Held until a person lets go, so no day's retention is theirs.
constexpr RetentionClass for_ever{0};

SealPlace place_of(const LaneHold& hold) {
  const auto ms = std::chrono::floor<Milliseconds>(hold.since).time_since_epoch().count();
  return {make_message_id(ms, NodeId{}, 0).value, Role::Setting, hold.held.lane};
}

/// A lane's key has all of its 64 bits.
std::int64_t stored(std::uint64_t lane) {
  return static_cast<std::int64_t>(lane);
}

}  // namespace

Status HoldTable::put(const std::vector<LaneHold>& holds) {
  using enum ColumnType;
  Column channels(Int4), destinations(Int4), lanes(Int8), named(Int8), since(Int8), authors(Text),
      reasons(Bytea);
  for (const auto& hold : holds) {
    auto reason = sealer_.seal(place_of(hold), for_ever, hold.reason);
    if (!reason) return reason.error();
    channels.add(hold.held.queue.channel.value);
    destinations.add(hold.held.queue.destination.value);
    lanes.add(stored(hold.held.lane));
    named.add(hold.named_by.value);
    since.add(to_stored(hold.since));
    authors.add_bytes(hold.by);
    reasons.add_bytes(*reason);
  }
  auto put = pool_.query(put_sql, Params()
                                      .array(channels.array())
                                      .array(destinations.array())
                                      .array(lanes.array())
                                      .array(named.array())
                                      .array(since.array())
                                      .array(authors.array())
                                      .array(reasons.array()));
  if (!put) return put.error();
  return Done{};
}

Result<bool> HoldTable::remove(const std::vector<HeldLane>& held) {
  using enum ColumnType;
  Column channels(Int4), destinations(Int4), lanes(Int8);
  for (const auto& each : held) {
    channels.add(each.queue.channel.value);
    destinations.add(each.queue.destination.value);
    lanes.add(stored(each.lane));
  }
  auto connection = pool_.lend();  // asked once: a second time it would find nothing
  if (!connection) return connection.error();
  auto removed =
      (*connection)
          ->query(
              remove_sql,
              Params().array(channels.array()).array(destinations.array()).array(lanes.array()));
  if (!removed) return removed.error();
  return removed->affected() > 0;
}

Result<std::vector<LaneHold>> HoldTable::all() {
  auto rows = pool_.query(all_sql);
  if (!rows) return rows.error();
  std::vector<LaneHold> holds;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    LaneHold hold;
    hold.held.queue = {ChannelId{rows->integer32(i, 0)}, DestinationId{rows->integer32(i, 1)}};
    hold.held.lane = static_cast<std::uint64_t>(rows->integer(i, 2));
    hold.named_by.value = rows->integer(i, 3);
    hold.since = from_stored(rows->integer(i, 4));
    hold.by = rows->bytes(i, 5);
    auto reason = sealer_.open(place_of(hold), rows->bytes(i, 6));
    if (!reason) return reason.error();
    hold.reason = std::move(*reason);
    holds.push_back(std::move(hold));
  }
  return holds;
}

}  // namespace causeway::store
