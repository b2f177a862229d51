// Databases behind a driver of ODBC (MariaDB's, FreeTDS, …), by unixODBC.
//
// Drivers block and can't be interrupted: each session has a thread of its own for its calls, which
// is left alone when a call doesn't end in time. Texts go in and out as UTF-16, so that no driver
// has to guess a character set. Autocommit is off.
// Standard: ODBC 3.80; ISO/IEC 9075-3.
#pragma once

#include "connectors/database/fields.h"

namespace causeway::connectors::database {

/// Errors: Invalid (the connection string).
Result<std::unique_ptr<Database>> make_odbc(const ServerSettings& settings);

}  // namespace causeway::connectors::database
