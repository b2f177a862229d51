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
#include <vector>

#include "engine/core/result.h"
#include "engine/store/sealing/secret.h"

namespace causeway::store {

using Fingerprint = std::uint32_t;

struct MasterKey {
  int number = 0;
  Fingerprint fingerprint = 0;
  Secret secret;
};

/// The first 4 bytes of its SHA-256.
Fingerprint fingerprint_of(const Secret& secret);
std::string fingerprint_text(Fingerprint fingerprint);

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

  /// Reads the keys in `folder`. Where there is no folder, makes it, and where there is no key,
  /// makes that too (unless it is to be left, for one to be brought back), durably. Refuses
  /// (NotPermitted) a key that others than its owner may read, and (Invalid) one of another size.
  enum class Missing { Make, Leave };
  static Result<std::unique_ptr<MasterKeys>> open(std::filesystem::path folder,
                                                  Missing missing = Missing::Make);

  Result<Lock> lock(Use use);
  /// The key that wraps now, read afresh. Call under a lock.
  Result<MasterKey> current();
  /// Looks into the folder again if the key is not known yet.
  Result<MasterKey> find(Fingerprint fingerprint);
  /// All that are here, by number; read afresh.
  Result<std::vector<MasterKey>> all();
  /// Brings one back, durably: it wraps from now on, if it is new here. False: it is here already.
  /// Under Use::Rotate.
  Result<bool> import(const Secret& secret);
  /// Makes the next master key, durably, and has it wrap from now on. Under Use::Rotate.
  Result<MasterKey> add();
  /// Removes all files but the current key's, and that of the secrets beside (sealed_secrets.h),
  /// durably. Under Use::Rotate, when nothing needs them.
  Status remove_old();

 private:
  explicit MasterKeys(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Status read_folder();
  Status add(const Secret& secret);

  const std::filesystem::path folder_;
  std::mutex mutex_;
  std::map<int, MasterKey> keys_;  // guarded by mutex_; by number
};

}  // namespace causeway::store
