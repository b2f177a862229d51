// The data keys: one per retention class and UTC day, made when first needed, kept wrapped in the
// KeyTable (AES-256-GCM under the master key; key id, class, day and the master key's fingerprint
// are authenticated), unwrapped in memory.
//
// Besides, one key of the installation, never destroyed, from which the keys of search terms and
// hashes derive: it is wrapped like the others, so that a new master key changes no term.
// Thread-safe: one mutex for the cache, never held while the table is asked.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "engine/store/sealing/key_table.h"
#include "engine/store/sealing/master_keys.h"

namespace causeway::store {

struct DataKey {
  KeyId id;
  Secret secret;
};

class DataKeys {
 public:
  static constexpr std::size_t cached_max = 4096;

  DataKeys(KeyTable& table, MasterKeys& masters) : table_(table), masters_(masters) {}

  /// The key to seal with; made if there is none yet. Damaged: destroyed, or it doesn't unwrap.
  Result<std::shared_ptr<const DataKey>> for_sealing(RetentionClass retention, Day day);
  /// The key to open with. Damaged: destroyed (said in the text), unknown, or it doesn't unwrap.
  Result<std::shared_ptr<const DataKey>> for_opening(KeyId id);
  /// The installation's root key for terms and hashes.
  Result<std::shared_ptr<const DataKey>> installation_key();

  /// Shreds what was sealed under this class and day, in backups of the database too. Refused
  /// (Invalid) for the installation's own keys.
  Status destroy(RetentionClass retention, Day day);

  /// Makes a new master key, rewraps every data key, then removes the old master keys. May be
  /// called again after a crash in the middle, with `resume` to finish without another new key.
  /// Returns the number of data keys rewrapped.
  enum class Rotation { Start, Resume };
  Result<std::size_t> rotate_master(Rotation rotation);

 private:
  using Slot = std::pair<std::int16_t, std::int64_t>;  // retention class, day
  Result<KeyRow> find_or_make(RetentionClass retention, Day day);
  Result<std::shared_ptr<const DataKey>> unwrap_and_cache(const KeyRow& row);
  Result<bool> rewrap(const KeyRow& row, const MasterKey& master);

  KeyTable& table_;
  MasterKeys& masters_;
  std::mutex mutex_;
  std::map<KeyId, std::shared_ptr<const DataKey>> by_id_;   // guarded by mutex_
  std::map<Slot, std::shared_ptr<const DataKey>> by_slot_;  // guarded by mutex_
};

}  // namespace causeway::store
