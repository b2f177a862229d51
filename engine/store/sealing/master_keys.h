// The master keys: files in the data folder's `keys/`, outside the database and its backups.
//
// `master-N.key` holds 32 random bytes, mode 0600. The highest N wraps; the others still unwrap,
// until a rotation has rewrapped every data key and removes them. Which key wrapped something is
// told by its fingerprint (the first 4 bytes of its SHA-256), so a file from elsewhere is noticed.
// Thread-safe: one mutex, not held while files are read.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

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
  /// Between processes: data keys are wrapped and stored under a shared lock, and a rotation has
  /// the folder for itself, so that none is left wrapped by a key that has just been removed.
  enum class Use { Wrap, Rotate };
  class Lock {
   public:
    Lock(Lock&&) noexcept;
    ~Lock();

   private:
    friend class MasterKeys;
    struct Held;
    explicit Lock(std::unique_ptr<Held> held);
    std::unique_ptr<Held> held_;
  };

  /// Reads the keys in `folder`. Where there is no folder or no key, makes both, durably. Refuses
  /// (NotPermitted) a key that others than its owner may read, and (Invalid) one of another size.
  static Result<std::unique_ptr<MasterKeys>> open(std::filesystem::path folder);

  Result<Lock> lock(Use use);
  /// The key that wraps now, read afresh. Call under a lock.
  Result<MasterKey> current();
  /// Looks into the folder again if the key is not known yet.
  Result<MasterKey> find(Fingerprint fingerprint);
  /// Makes the next master key, durably, and has it wrap from now on. Under Use::Rotate.
  Result<MasterKey> add();
  /// Removes all files but the current key's, durably. Under Use::Rotate, when nothing needs them.
  Status remove_old();

 private:
  explicit MasterKeys(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Status read_folder();

  const std::filesystem::path folder_;
  std::mutex mutex_;
  std::map<int, MasterKey> keys_;  // guarded by mutex_; by number
};

}  // namespace causeway::store
