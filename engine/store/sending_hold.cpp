#include "engine/store/sending_hold.h"

namespace causeway::store {
namespace {

constexpr const char* reason_sql = "SELECT reason FROM sending_hold ORDER BY since LIMIT 1";
constexpr const char* set_sql = "INSERT INTO sending_hold (since, reason) VALUES (now(), $1::text)";
constexpr const char* lift_sql = "DELETE FROM sending_hold";

}  // namespace

Result<std::optional<std::string>> SendingHold::reason() {
  auto connection = Connection::open(target_);
  if (!connection) return connection.error();
  auto rows = connection->query(reason_sql);
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<std::string>();
  return std::optional<std::string>(rows->bytes(0, 0));
}

Status SendingHold::set(const std::string& reason) {
  auto connection = Connection::open(target_);
  if (!connection) return connection.error();
  auto rows = connection->query(set_sql, Params().bytes(reason));
  if (!rows) return rows.error();
  return Done{};
}

Result<bool> SendingHold::lift() {
  auto connection = Connection::open(target_);
  if (!connection) return connection.error();
  auto rows = connection->query(lift_sql);
  if (!rows) return rows.error();
  return rows->affected() > 0;
}

}  // namespace causeway::store
