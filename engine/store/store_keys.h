// The keys of a store, without the rest of it: whether the master keys open it, and their rotation.
// Beside an engine that runs or without one. Thread-safe; blocks.
#pragma once

#include <memory>
#include <string>

#include "engine/store/sealing/data_keys.h"

namespace causeway::store {

/// How many data keys a look at all of them found.
struct KeyCount {
  std::size_t open = 0;       ///< A master key that is here opens them.
  std::size_t old = 0;        ///< Of these: by another than the one that wraps now.
  std::size_t destroyed = 0;  ///< On purpose: their content's retention is over.
  std::size_t closed = 0;     ///< No key that is here opens them, or they were altered.
  Error first_closed{ErrorKind::None, "", ""};
};

class StoreKeys {
 public:
  /// NotFound: no engine has made its tables in this database yet; Invalid: of another version.
  static Result<std::unique_ptr<StoreKeys>> open(const std::string& conninfo, MasterKeys& masters);
  ~StoreKeys();

  Result<KeyCount> check();
  /// See DataKeys::rotate_master: how many data keys were rewrapped. Refused (Damaged, NotFound)
  /// before anything is changed if a data key doesn't open. One that was cut short is finished,
  /// without another new master key.
  struct Rotated {
    std::size_t rewrapped = 0;
    bool finished_earlier = false;
  };
  Result<Rotated> rotate();

 private:
  struct Parts;
  explicit StoreKeys(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// Refuses (Invalid) a store whose keys these master keys don't open, and says what to do. A new
/// store, which has no key yet, is good.
Status check_keys(KeyTable& table, MasterKeys& masters);

}  // namespace causeway::store
