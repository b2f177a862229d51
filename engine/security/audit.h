// The audit trail of one engine: rows are committed one after the other, each chained to the one
// before (audit_chain.h), and the head is signed and written to a file outside the database after
// each. Thread-safe: one mutex, held across the commit, since the order of rows is the chain's.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "engine/core/clock.h"
#include "engine/core/log.h"
#include "engine/security/audit_chain.h"
#include "engine/security/audit_heads.h"
#include "engine/security/caller.h"

namespace causeway::security {

struct AuditEvent {
  std::string action;
  std::string channel;
  std::string target;
  std::string outcome = "begun";
  std::string reason;  ///< In somebody's words: sealed.
  std::string peer;
};

class Audit {
 public:
  static constexpr std::size_t text_bytes_max = 400;  ///< Of one column; longer ones are cut.
  static constexpr std::size_t reason_bytes_max = 4096;

  struct Place {
    NodeId node;
    std::filesystem::path key_file;    ///< "keys/audit.key"
    std::filesystem::path heads_file;  ///< "audit.heads"
  };
  /// Goes on where the chain ends. If the file of heads knows of more rows than the database has,
  /// they were taken away: that is logged as an error, and their numbers are not used again, so
  /// that `verify` names them for ever.
  static Result<std::unique_ptr<Audit>> open(AuditStore& store, const Place& place,
                                             const Clock& clock, Log& log);

  /// Committed when it returns. An error: it isn't, and what it is about must not be done.
  Status write(const Caller& caller, const AuditEvent& event);
  const std::string& public_key() const { return key_->public_key(); }

 private:
  Audit(AuditStore& store, NodeId node, std::unique_ptr<AuditKey> key,
        std::unique_ptr<AuditHeads> heads, const Clock& clock, Log& log);
  Status find_end();

  AuditStore& store_;
  const NodeId node_;
  const std::unique_ptr<AuditKey> key_;
  const Clock& clock_;
  Log& log_;
  std::mutex mutex_;
  std::unique_ptr<AuditHeads> heads_;  // guarded by mutex_, as all below
  std::int64_t last_seq_ = 0;
  std::string last_hash_;
};

}  // namespace causeway::security
