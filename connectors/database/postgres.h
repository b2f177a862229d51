// PostgreSQL by libpq.
//
// The connection string is libpq's, without a password. Where it says nothing of TLS, a server on
// another machine has to prove itself (sslmode=verify-full, the system's authorities). Sessions
// speak UTF-8, ISO dates, UTC. Results are read through a cursor, a slice at a time.
#pragma once

#include "connectors/database/fields.h"

namespace causeway::connectors::database {

/// Errors: Invalid (the connection string).
Result<std::unique_ptr<Database>> make_postgres(const ServerSettings& settings);

}  // namespace causeway::connectors::database
