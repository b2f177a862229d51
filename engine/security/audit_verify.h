// Checks the whole audit trail: that every row's hash is right, that none is missing, and that the
// signed heads outside the database agree. Names each row that is not as it was written. Reads in
// pages; blocks on the store.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/audit.h"

namespace causeway::security {

struct AuditFinding {
  NodeId node;
  std::int64_t seq = 0;  ///< Of the row, or the first of those missing.
  std::string text;      ///< "rows 5 to 7 are missing"
};

struct AuditVerdict {
  static constexpr std::size_t findings_max = 100;

  std::int64_t rows = 0;
  std::int64_t heads = 0;
  std::vector<AuditFinding> findings;  ///< The first so many; empty: all is as it was written.
  /// Rows that a restore left out, since they were newer than the backup: heads of before know
  /// them.
  std::vector<AuditFinding> notes;
};

/// `public_key`: whose signatures count; empty: any (a copy of the heads is checked elsewhere).
/// `own_heads_file`: the data folder's, where `heads_file` is a copy of before: it tells of
/// restores.
Result<AuditVerdict> verify_audit(AuditStore& store, const std::filesystem::path& heads_file,
                                  const std::string& public_key,
                                  const std::filesystem::path& own_heads_file = {});

}  // namespace causeway::security
