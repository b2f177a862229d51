#include "engine/store/place_table.h"

#include "engine/store/journal/row_maker.h"

namespace causeway::store {
namespace {

constexpr const char* place_sql =
    "SELECT at, place FROM source_place WHERE high = $1::bigint AND low = $2::bigint";
constexpr const char* keep_sql =
    "INSERT INTO source_place (high, low, at, place)"
    " VALUES ($1::bigint, $2::bigint, $3::bigint, $4::bytea)"
    " ON CONFLICT (high, low) DO UPDATE SET at = excluded.at, place = excluded.place";

/// A channel may rest for longer than any content is kept, and goes on where it was.
constexpr RetentionClass for_ever{0};

struct Key {
  std::int64_t high = 0, low = 0;
};

Key key_of(const KeyedHash& hash, const PlaceName& name) {
  const auto whole = name.channel + '\0' + name.source;
  return {to_stored(hash.hash("place high", whole)), to_stored(hash.hash("place low", whole))};
}

SealPlace seal_place(SystemTime at, const Key& key) {
  const auto ms = std::chrono::floor<Milliseconds>(at).time_since_epoch().count();
  return {make_message_id(ms, NodeId{}, 0).value, Role::Setting,
          static_cast<std::uint64_t>(key.low)};
}

}  // namespace

Result<std::optional<std::string>> PlaceTable::place(const PlaceName& name) {
  const auto key = key_of(hash_, name);
  auto rows = pool_.query(place_sql, Params().integer(key.high).integer(key.low));
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<std::string>();
  auto opened = sealer_.open(seal_place(from_stored(rows->integer(0, 0)), key), rows->bytes(0, 1));
  if (!opened) return opened.error();
  return std::optional(std::move(*opened));
}

Status PlaceTable::keep(const PlaceName& name, std::string_view place) {
  if (place.size() > place_bytes_max)
    return Error{ErrorKind::Limit, "", "a place to read on from is too long to be kept"};
  const auto key = key_of(hash_, name);
  const auto at = clock_.now();
  auto sealed = sealer_.seal(seal_place(at, key), for_ever, place);
  if (!sealed) return sealed.error();
  auto kept = pool_.query(
      keep_sql, Params().integer(key.high).integer(key.low).integer(to_stored(at)).bytes(*sealed));
  if (!kept) return kept.error();
  return Done{};
}

}  // namespace causeway::store
