// The master keys: files in the data folder's `keys/`, outside the database and its backups.
//
// `master-N.key` holds 32 random bytes, mode 0600. The highest N wraps; the others still unwrap,
// until a rotation has rewrapped every data key and removes them. Which key wrapped something is
// told by its fingerprint (the first 4 bytes of its SHA-256), so a file from elsewhere is noticed.
// Thread-safe: one mutex, held while the folder is read again (rare: an unknown fingerprint).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "engine/core/result.h"
#include "engine/store/sealing/secret.h"

namespace causeway::store {

using Fingerprint = std::uint32_t;

struct MasterKey {
  int number = 0;
  Fingerprint fingerprint = 0;
  Secret secret;
};

class MasterKeys {
 public:
  /// Reads the keys in `folder`. Where there is no folder or no key, makes both, durably. Refuses
  /// (NotPermitted) a key that others than its owner may read, and (Invalid) one of another size.
  static Result<std::unique_ptr<MasterKeys>> open(std::filesystem::path folder);

  MasterKey current() const;
  /// Looks into the folder again if the key is not known yet.
  Result<MasterKey> find(Fingerprint fingerprint);
  /// Makes the next master key, durably, and has it wrap from now on.
  Result<MasterKey> add();
  /// Removes all files but the current key's, durably.
  Status remove_old();

 private:
  explicit MasterKeys(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Status read_folder();

  const std::filesystem::path folder_;
  mutable std::mutex mutex_;
  std::map<int, MasterKey> keys_;  // guarded by mutex_; by number
};

}  // namespace causeway::store
