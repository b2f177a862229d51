// What a store holds, in one text: for each table its number of rows and a digest that any changed,
// missing or added row changes. Two stores with the same text hold the same. Reads every row.
#pragma once

#include <string>

#include "engine/core/result.h"

namespace causeway::store {

/// A line "TABLE ROWS DIGEST" for each table of the store, in the order of their names. Leases are
/// left out: a restored store raises its epochs.
Result<std::string> read_ledger(const std::string& conninfo);

}  // namespace causeway::store
