#include "engine/store/data_key_table.h"

namespace causeway::store {
namespace {

#define KEY_COLUMNS "SELECT id, retention, day, wrapped FROM data_key"

constexpr const char* find_sql =
    KEY_COLUMNS " WHERE retention = $1::smallint AND day = $2::integer";
constexpr const char* find_by_id_sql = KEY_COLUMNS " WHERE id = $1::integer";
constexpr const char* all_sql = KEY_COLUMNS " ORDER BY day, retention";
constexpr const char* insert_sql =
    "INSERT INTO data_key (id, retention, day, wrapped)"
    " VALUES ($1::integer, $2::smallint, $3::integer, $4::bytea) ON CONFLICT DO NOTHING";
constexpr const char* replace_sql =
    "UPDATE data_key SET wrapped = $3::bytea WHERE id = $1::integer AND wrapped = $2::bytea";
constexpr const char* destroy_sql = "UPDATE data_key SET wrapped = '' WHERE id = $1::integer";

#undef KEY_COLUMNS

std::int32_t number_of(Day day) {
  return static_cast<std::int32_t>(day.time_since_epoch().count());
}

KeyRow key_row(const Rows& rows, std::size_t i) {
  return {KeyId{rows.integer32(i, 0)},
          RetentionClass{static_cast<std::int16_t>(rows.integer(i, 1))},
          Day(std::chrono::days(rows.integer(i, 2))), std::string(rows.bytes(i, 3))};
}

std::optional<KeyRow> first_of(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return key_row(rows, 0);
}

}  // namespace

Result<std::optional<KeyRow>> DataKeyTable::find(RetentionClass retention, Day day) {
  auto rows = pool_.query(find_sql, Params().small(retention.value).normal(number_of(day)));
  if (!rows) return rows.error();
  return first_of(*rows);
}

Result<std::optional<KeyRow>> DataKeyTable::find_by_id(KeyId id) {
  auto rows = pool_.query(find_by_id_sql, Params().normal(id.value));
  if (!rows) return rows.error();
  return first_of(*rows);
}

Result<KeyRow> DataKeyTable::insert(const KeyRow& row) {
  auto inserted = pool_.query(insert_sql, Params()
                                              .normal(row.id.value)
                                              .small(row.retention.value)
                                              .normal(number_of(row.day))
                                              .bytes(row.wrapped));
  if (!inserted) return inserted.error();
  auto stands = find(row.retention, row.day);
  if (!stands) return stands.error();
  if (!*stands) return Error{ErrorKind::Conflict, "data key", "its id is taken"};
  return std::move(**stands);
}

Result<std::vector<KeyRow>> DataKeyTable::all() {
  auto rows = pool_.query(all_sql);
  if (!rows) return rows.error();
  std::vector<KeyRow> keys;
  for (std::size_t i = 0; i < rows->size(); ++i) keys.push_back(key_row(*rows, i));
  return keys;
}

Status DataKeyTable::replace_wrapped(KeyId id, std::string_view old_wrapped,
                                     std::string_view new_wrapped) {
  auto rows =
      pool_.query(replace_sql, Params().normal(id.value).bytes(old_wrapped).bytes(new_wrapped));
  if (!rows) return rows.error();
  if (rows->affected() == 0)
    return Error{ErrorKind::Conflict, "data key", "has been rewrapped or destroyed meanwhile"};
  return Done{};
}

Status DataKeyTable::destroy(KeyId id) {
  auto rows = pool_.query(destroy_sql, Params().normal(id.value));
  if (!rows) return rows.error();
  return Done{};
}

}  // namespace causeway::store
