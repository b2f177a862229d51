// The schema: forward-only migrations, embedded in the program (schemas/store/*.sql), applied once
// each, in order, in one transaction per migration. Thread-safe; several engines may start at once.
#pragma once

#include <string>
#include <vector>

#include "engine/store/postgres/connection.h"

namespace causeway::store {

struct Migration {
  std::string name;  ///< "001_journal"
  std::string sql;
};

/// In order.
const std::vector<Migration>& migrations();

/// How many migrations a newer engine may be ahead: an engine runs on its own schema and the next.
inline constexpr std::size_t schema_ahead_max = 1;

/// Brings the database to this program's schema. Invalid: it is of a much newer engine, or a
/// migration that is applied is not one of ours.
Status migrate(Connection& connection);

/// For who only reads. NotFound: there is no schema yet; Invalid: older or much newer than ours.
Status check_schema(Connection& connection);

}  // namespace causeway::store
