// Values as PostgreSQL writes them, by their type. Pure.
// Standard: PostgreSQL's pg_type, whose numbers for built-in types never change.
#pragma once

#include "connectors/database/database.h"

namespace causeway::connectors::database {

/// `type`: its number in pg_type; `text` as written with ISO dates and hexadecimal bytea. What has
/// no kind of its own stays a text.
Cell cell_of(std::uint32_t type, std::string text);

}  // namespace causeway::connectors::database
