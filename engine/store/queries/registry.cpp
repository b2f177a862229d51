#include "engine/store/queries/registry.h"

#include <algorithm>

namespace causeway::store {
namespace {

// An identity column counts on for every insert that finds its row there: so it is looked for
// first.
constexpr const char* find_channel_sql = "SELECT id FROM channel WHERE path = $1::text";
constexpr const char* add_channel_sql =
    "INSERT INTO channel (path, content_days, lineage_days) VALUES ($1::text, 0, 0)"
    " ON CONFLICT DO NOTHING";
constexpr const char* channels_sql =
    "SELECT id, path, content_days, lineage_days, legal_hold FROM channel ORDER BY id";
constexpr const char* channel_sql =
    "SELECT id, path, content_days, lineage_days, legal_hold FROM channel WHERE id = $1::integer";
constexpr const char* set_retention_sql =
    "UPDATE channel SET content_days = $2::smallint, lineage_days = $3::smallint,"
    " legal_hold = ($4::smallint <> 0) WHERE id = $1::integer";

constexpr const char* retain_again_sql = "DELETE FROM retained";

constexpr const char* find_destination_sql =
    "SELECT id FROM destination WHERE channel = $1::integer AND name = $2::text";
constexpr const char* add_destination_sql =
    "INSERT INTO destination (channel, name) VALUES ($1::integer, $2::text)"
    " ON CONFLICT DO NOTHING";
constexpr const char* destinations_sql = "SELECT id, channel, name FROM destination ORDER BY id";

/// Finds the number of a row; makes the row first if there is none.
Result<std::int32_t> find_or_add(ConnectionPool& pool, const char* find, const Params& key,
                                 const char* add, const Params& row) {
  for (const bool last : {false, true}) {
    auto found = pool.query(find, key);
    if (!found) return found.error();
    if (!found->empty()) return found->integer32(0, 0);
    if (last) break;
    if (auto added = pool.query(add, row); !added) return added.error();
  }
  return Error{ErrorKind::Internal, "database", "a row that was added is not found"};
}

ChannelEntry entry_of(const Rows& rows, std::size_t i) {
  return {ChannelId{rows.integer32(i, 0)},
          std::string(rows.bytes(i, 1)),
          {static_cast<std::int16_t>(rows.integer(i, 2)),
           static_cast<std::int16_t>(rows.integer(i, 3)), rows.boolean(i, 4)}};
}

}  // namespace

Status Registry::load() {
  auto all = channels();
  if (!all) return all.error();
  for (const auto& channel : *all)
    classes_.set_channel(channel.id, {channel.retention.content_days});
  auto named = destinations();
  if (!named) return named.error();
  for (const auto& destination : *named)
    classes_.set_destination(destination.id, destination.channel);
  return Done{};
}

Result<ChannelId> Registry::channel(const std::string& path) {
  const auto params = std::move(Params().bytes(path));
  auto id = find_or_add(pool_, find_channel_sql, params, add_channel_sql, params);
  if (!id) return id.error();
  return ChannelId{*id};
}

Result<DestinationId> Registry::destination(ChannelId channel, const std::string& name) {
  const auto params = std::move(Params().normal(channel.value).bytes(name));
  auto id = find_or_add(pool_, find_destination_sql, params, add_destination_sql, params);
  if (!id) return id.error();
  classes_.set_destination(DestinationId{*id}, channel);
  return DestinationId{*id};
}

Result<std::vector<ChannelEntry>> Registry::channels() {
  auto rows = pool_.query(channels_sql);
  if (!rows) return rows.error();
  std::vector<ChannelEntry> found;
  for (std::size_t i = 0; i < rows->size(); ++i) found.push_back(entry_of(*rows, i));
  return found;
}

Result<std::vector<DestinationEntry>> Registry::destinations() {
  auto rows = pool_.query(destinations_sql);
  if (!rows) return rows.error();
  std::vector<DestinationEntry> found;
  for (std::size_t i = 0; i < rows->size(); ++i)
    found.push_back({DestinationId{rows->integer32(i, 0)}, ChannelId{rows->integer32(i, 1)},
                     std::string(rows->bytes(i, 2))});
  return found;
}

Status Registry::set_retention(ChannelId channel, ChannelRetention retention) {
  const bool content_outlives =
      retention.lineage_days != 0 &&
      (retention.content_days == 0 || retention.content_days > retention.lineage_days);
  if (retention.content_days < 0 || retention.lineage_days < 0 || content_outlives)
    return Error{ErrorKind::Invalid, "retention", "content cannot be kept longer than lineage"};
  auto found = pool_.query(channel_sql, Params().normal(channel.value));
  if (!found) return found.error();
  if (found->empty()) return Error{ErrorKind::NotFound, "", "no such channel"};
  const auto known = entry_of(*found, 0).retention;
  if (known == retention) return Done{};
  auto rows = pool_.query(set_retention_sql, Params()
                                                 .normal(channel.value)
                                                 .small(retention.content_days)
                                                 .small(retention.lineage_days)
                                                 .small(retention.legal_hold ? 1 : 0));
  if (!rows) return rows.error();
  classes_.set_channel(channel, {retention.content_days});
  // Days that were kept because of the hold are due at once.
  if (known.legal_hold && !retention.legal_hold)
    if (auto again = pool_.query(retain_again_sql); !again) return again.error();
  return Done{};
}

}  // namespace causeway::store
