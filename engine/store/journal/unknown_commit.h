// A connection that was lost during its commit leaves unknown whether there was one. Here it is
// found out: first the old backend must be gone (until then it might still commit), then a row of
// the transaction is looked for: a commit is all or nothing.
#pragma once

#include "engine/store/journal/batch.h"
#include "engine/store/postgres/connection.h"

namespace causeway::store {

/// A backend, told from a later one with the same process id by its start.
struct Backend {
  int pid = 0;
  std::int64_t start = 0;
};

enum class StillThere { Wait, End };

/// True if the backend has ended (or its server has been restarted). With `End` it is told to.
Result<bool> backend_gone(Connection& connection, Backend backend, StillThere still_there);

/// True if the row is there. Precondition: the witness is not None.
Result<bool> witnessed(Connection& connection, const Witness& witness);

}  // namespace causeway::store
