// How the rows of the audit trail hold together. Each row's hash is SHA-256 over the hash of the
// row before it in its node's chain (32 zero bytes before the first) and all of its columns, each
// with its length in front: no byte can move, change or go without all later hashes changing. A
// head is the newest row's number and hash, signed (Ed25519, RFC 8032) and written outside the
// database, so that cutting rows off the end is seen too. Pure functions, but for the key's file.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/core/audit.h"

namespace causeway::security {

std::string chain_hash(const std::string& before, const AuditRow& row);
std::string first_hash();  ///< What stands before the first row.

struct AuditHead {
  NodeId node;
  std::int64_t seq = 0;
  SystemTime at;
  std::string hash;
  std::string public_key;  ///< 32 bytes: whose signature it is.
  std::string signature;
  /// Not a head, but that the store was restored then, and `seq` was the last row it had: what
  /// heads of before know beyond it was newer than the backup. `hash` means nothing.
  bool restore = false;
};

/// One line of text, without its end; and back. Nothing: not such a line.
std::string head_line(const AuditHead& head);
std::optional<AuditHead> parse_head(std::string_view line);

/// Whether the signature is by the key in the head.
bool is_signed(const AuditHead& head);

/// The node's key for heads. Thread-safe.
class AuditKey {
 public:
  /// Reads the file (32 bytes, mode 0600); makes it, durably, if it isn't there. NotPermitted:
  /// others may read it.
  static Result<std::unique_ptr<AuditKey>> open(const std::filesystem::path& file);
  ~AuditKey();

  void sign(AuditHead& head) const;
  const std::string& public_key() const { return public_key_; }

 private:
  struct State;
  explicit AuditKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  std::string public_key_;
};

}  // namespace causeway::security
