// A change of a row as a message: JSON. Pure. Errors: those of row_text.
#pragma once

#include "connectors/database/pgoutput.h"

namespace causeway::connectors::database {

/// {"table", "change", "row", "old", "unchanged", "commit", "transaction", "committed_at"}; see
/// README.md.
Result<std::string> change_text(const Change& change, const Begin& begin);

}  // namespace causeway::connectors::database
