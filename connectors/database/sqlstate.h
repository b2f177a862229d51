// What a server's SQLSTATE means for what was asked of it. Pure.
// Standard: ISO/IEC 9075-2, table of SQLSTATE classes; PostgreSQL's and MariaDB's own codes.
#pragma once

#include <string_view>

#include "engine/core/result.h"

namespace causeway::connectors::database {

/// Unavailable: it passes (classes 08, 53, 57, 58, a server that is read-only, the log-in);
/// TimedOut: the statement took too long; Conflict: another transaction was in the way (40, locks);
/// Refused: these values (21, 22, 23, 27, 44, what triggers raise); NotPermitted and Invalid: the
/// statement, whatever the values (42, 0A, …).
ErrorKind kind_of_state(std::string_view state);

/// The server says itself that it doesn't know whether it has committed.
bool is_unknown_commit(std::string_view state);

}  // namespace causeway::connectors::database
