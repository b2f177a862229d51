// A row as JSON, and what of it tells it from all others. Pure. The table of types is in README.md.
// Errors: Invalid (two columns of one name, text that isn't UTF-8, a column that isn't there).
#pragma once

#include "connectors/database/database.h"

namespace causeway::connectors::database {

/// Two columns of one name would be one member.
Status check_columns(const std::vector<std::string>& columns);
/// Where a column stands. Invalid, with the names that there are.
Result<std::size_t> column_index(const std::vector<std::string>& columns, const std::string& name);

/// An object, its members in the columns' order; `chosen`: of these columns alone.
Result<std::string> row_text(const std::vector<std::string>& columns, const Cells& row);
Result<std::string> row_text(const std::vector<std::string>& columns, const Cells& row,
                             const std::vector<std::size_t>& chosen);

/// "2026-03-01 12:00:00.5+00" → "2026-03-01T12:00:00.5Z"; what is no such time stays as it is.
std::string iso_time(std::string_view text);
/// A number as JSON may hold it if every reader of JSON (doubles) has it exactly; else a text.
Cell whole_number(std::string text);
/// The shortest text that reads as the same double; a text where JSON has no word for it (NaN).
Cell real_number(std::string text);

}  // namespace causeway::connectors::database
