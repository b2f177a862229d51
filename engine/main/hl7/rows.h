// Rows of values by paths, for `causeway hl7 get`.
//
// Without wildcards a message is one row. A wildcard gives a row for each place that it stands for;
// paths that begin alike are of the same place in a row: in "OBX[*]-3 OBX[*]-5" each row is one
// OBX, in "ORDER[*]/OBR-4 ORDER[*]/OBX[*]-5" one OBX with the OBR of its order. Pure. Errors:
// Invalid (wildcards that have nothing to do with each other), Limit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/formats/hl7v2/message.h"

namespace causeway {

inline constexpr std::size_t rows_max = hl7v2::matches_max;

/// For each path the place that it is in this row; nullopt: the message has none.
using Row = std::vector<std::optional<hl7v2::Path>>;

/// To be asked once, before any message.
Status check_paths(const std::vector<hl7v2::Path>& paths);
Result<std::vector<Row>> rows_of(const hl7v2::Message& message,
                                 const std::vector<hl7v2::Path>& paths);

}  // namespace causeway
