// The file of signed heads, outside the database: a line every `keep_every` rows, and one for the
// newest, which the next takes the place of. Used by one thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "engine/security/audit_chain.h"

namespace causeway::security {

class AuditHeads {
 public:
  static constexpr std::int64_t keep_every = 1000;
  static constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;

  static Result<std::unique_ptr<AuditHeads>> open(const std::filesystem::path& file);
  ~AuditHeads();

  /// The newest of this node; seq 0: none.
  AuditHead last(NodeId node) const;
  Status write(const AuditHead& head);

  /// All in the file, in its order. A line that is none is an Error of kind Damaged in `broken`.
  struct Read {
    std::vector<AuditHead> heads;
    std::vector<AuditHead> restores;
    int broken_lines = 0;
  };
  static Result<Read> read(const std::filesystem::path& file);

  /// Signs and writes, durably, that the store has just been restored: the number of the last row
  /// that each node has in it.
  static Status note_restore(const std::filesystem::path& file, const AuditKey& key,
                             const std::map<NodeId, std::int64_t>& last, SystemTime at);

 private:
  AuditHeads(int fd, std::vector<AuditHead> heads, off_t end);
  const int fd_;
  std::vector<AuditHead> heads_;
  off_t end_;  ///< Where the next line goes.
};

}  // namespace causeway::security
