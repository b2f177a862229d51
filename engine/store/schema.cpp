#include "engine/store/schema.h"

#include <algorithm>

namespace causeway::store {
namespace {

constexpr const char* prepare_sql =
    "CREATE SCHEMA IF NOT EXISTS causeway;"
    "CREATE TABLE IF NOT EXISTS causeway.migration ("
    "  name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())";

constexpr const char* lock_sql = "SELECT pg_advisory_xact_lock(6001, 0)";
constexpr const char* applied_sql = "SELECT name FROM migration ORDER BY name";
constexpr const char* exists_sql = "SELECT to_regclass('causeway.migration') IS NOT NULL";
constexpr const char* note_sql = "INSERT INTO migration (name) VALUES ($1::text)";

Status check_applied(const std::vector<std::string>& applied) {
  const auto& ours = migrations();
  const auto common = std::min(applied.size(), ours.size());
  for (std::size_t i = 0; i < common; ++i)
    if (applied[i] != ours[i].name)
      return Error{
          ErrorKind::Invalid, "database",
          "holds migration '" + applied[i] + "', where this program has '" + ours[i].name + "'"};
  if (applied.size() > ours.size() + schema_ahead_max)
    return Error{ErrorKind::Invalid, "database",
                 "belongs to a newer version (schema '" + applied.back() + "')"};
  return Done{};
}

Result<std::vector<std::string>> applied_migrations(Connection& connection) {
  auto rows = connection.query(applied_sql);
  if (!rows) return rows.error();
  std::vector<std::string> applied;
  for (std::size_t i = 0; i < rows->size(); ++i) applied.emplace_back(rows->bytes(i, 0));
  return applied;
}

Status apply_missing(Connection& connection) {
  if (auto locked = connection.query(lock_sql); !locked) return locked.error();
  auto applied = applied_migrations(connection);
  if (!applied) return applied.error();
  if (auto good = check_applied(*applied); !good) return good;
  for (auto i = applied->size(); i < migrations().size(); ++i) {
    const auto& migration = migrations()[i];
    if (auto done = connection.run(migration.sql); !done)
      return Error{done.error().kind, migration.name, done.error().text};
    if (auto noted = connection.query(note_sql, Params().bytes(migration.name)); !noted)
      return noted.error();
  }
  return Done{};
}

}  // namespace

Status migrate(Connection& connection) {
  // Two that start at once may both find the schema missing; the second finds it there on its
  // next try.
  auto prepared = connection.run(prepare_sql);
  if (!prepared && connection.usable()) prepared = connection.run(prepare_sql);
  if (!prepared) return prepared;
  if (auto begun = connection.run("BEGIN"); !begun) return begun;
  auto applied = apply_missing(connection);
  auto ended = connection.run(applied.ok() ? "COMMIT" : "ROLLBACK");
  return applied.ok() ? ended : applied;
}

Status check_schema(Connection& connection) {
  auto exists = connection.query(exists_sql);
  if (!exists) return exists.error();
  if (!exists->boolean(0, 0))
    return Error{ErrorKind::NotFound, "database", "no engine has used this database yet"};
  auto applied = applied_migrations(connection);
  if (!applied) return applied.error();
  if (applied->size() < migrations().size())
    return Error{ErrorKind::Invalid, "database", "belongs to an older version"};
  return check_applied(*applied);
}

}  // namespace causeway::store
