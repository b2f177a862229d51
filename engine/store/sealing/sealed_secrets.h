// The installation's secrets, in a file of their own beside the database: all of it encrypted by
// the master key, so that backups of the database hold none, and a copied file opens nowhere else.
//
// File: version (1) | fingerprint of the master key (4) | nonce (12, random) | ciphertext | tag
// (16). Authenticated with it: what it is, version and fingerprint. It is replaced as a whole,
// under a lock between processes; readers see the one before or the one after. After a rotation the
// master key before stays in its folder until `reseal`.
//
// Thread-safe: every call reads the file anew, so a secret that was changed holds at the next
// deploy.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/core/ids.h"
#include "engine/core/secrets.h"
#include "engine/store/sealing/master_keys.h"

namespace causeway::store {

inline constexpr std::size_t secret_bytes_max = 64 * 1024;  ///< One value.
inline constexpr std::size_t secrets_max = 10'000;
inline constexpr const char* secrets_file = "secrets.sealed";  ///< In the data folder.

struct SecretEntry {
  std::string value;
  std::int64_t set_at_ms = 0;  ///< Since 1970, UTC.
};
using SecretEntries = std::map<std::string, SecretEntry, std::less<>>;

class SealedSecrets final : public Secrets {
 public:
  /// `file` need not be there. Both outlive this.
  SealedSecrets(std::filesystem::path file, MasterKeys& masters)
      : file_(std::move(file)), masters_(masters) {}

  Result<std::string> value(std::string_view name) const override;
  /// Without their values.
  Result<std::map<std::string, std::int64_t>> names() const;

  /// Limit: too long, or too many.
  Status set(const std::string& name, std::string value, std::int64_t now_ms);
  Status remove(const std::string& name);  ///< NotFound.
  Status reseal();                         ///< Under the current master key.

 private:
  Result<SecretEntries> read() const;
  Status change(const std::function<Status(SecretEntries&)>& change);
  Status write(const SecretEntries& entries);

  const std::filesystem::path file_;
  MasterKeys& masters_;
};

/// The master key that a file of secrets is sealed by; nullopt: there is no such file.
std::optional<Fingerprint> secrets_sealed_by(const std::filesystem::path& file);

/// The plain form within the file, and back. Damaged: these bytes are none.
std::string write_secret_entries(const SecretEntries& entries);
Result<SecretEntries> read_secret_entries(std::string_view bytes);

}  // namespace causeway::store
