// The audit trail as the store keeps it: who did what, when, in rows that are only ever added. How
// they are chained and signed is engine/security's to say. Plain values; the port is thread-safe
// and blocks on the database.
#pragma once

#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway {

struct AuditRow {
  NodeId node;           ///< The engine that wrote it: each has a chain of its own.
  std::int64_t seq = 0;  ///< From 1, without gaps.
  SystemTime at;
  std::string actor;    ///< A user's or token's name, or "local".
  std::string proof;    ///< How he proved it: "session", "token", "local", "none".
  std::string peer;     ///< His address.
  std::string action;   ///< An operation of the API: "read_body".
  std::string channel;  ///< What it was about; empty: the installation.
  std::string target;   ///< The message's number, a user's name, …
  std::string outcome;  ///< "begun", "failed 409", "denied".
  std::string detail;   ///< Sealed: a reason in somebody's words. Empty: none.
  std::string hash;     ///< SHA-256 over the row before and all of the above.
};

class AuditStore {
 public:
  virtual ~AuditStore() = default;

  /// Committed when it returns. Conflict: the node has a row of this number.
  virtual Status append(const AuditRow& row) = 0;
  /// The node's newest; seq 0: none.
  virtual Result<AuditRow> last(NodeId node) = 0;
  virtual Result<std::vector<NodeId>> nodes() = 0;
  /// Of one node, ascending, after `seq`.
  virtual Result<std::vector<AuditRow>> rows(NodeId node, std::int64_t after, std::size_t most) = 0;

  struct Query {
    SystemTime from, to;  ///< Inclusive, exclusive.
    std::string actor;    ///< Each empty: any.
    std::string action;
    std::string channel;  ///< This channel, or all in this folder.
    std::string target;
    SystemTime before_at;  ///< With `before_seq`: where the page before ended.
    std::int64_t before_seq = 0;
    NodeId before_node;
    std::size_t most = 50;
  };
  /// Newest first.
  virtual Result<std::vector<AuditRow>> find(const Query& query) = 0;

  /// A detail as it is stored, and read back. Damaged: it doesn't open.
  virtual Result<std::string> seal(const AuditRow& row, std::string_view detail) = 0;
  virtual Result<std::string> open(const AuditRow& row) = 0;
};

}  // namespace causeway
