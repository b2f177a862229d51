// Values of a delivery's JSON for the parameters of statements, by name. Pure.
// Errors: Invalid (a name that isn't there, a list that is none), Limit. Texts name what is asked
// for, never what is there.
#pragma once

#include "connectors/database/fields.h"
#include "connectors/support/exact_json.h"

namespace causeway::connectors::database {

/// Runs of one statement for one delivery.
inline constexpr std::size_t runs_max = 10'000;

/// One call for each time the statement is to be run. A text with a zero character is refused:
/// databases have no such texts.
Result<std::vector<Call>> calls_for(const StatementSettings& statement, const Json& content);

/// For marks: columns of a row, by name.
Result<Call> call_for(const SqlText& sql, const std::vector<std::string>& columns,
                      const Cells& row);

}  // namespace causeway::connectors::database
