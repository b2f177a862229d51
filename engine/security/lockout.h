// How long a name must wait after log-ins that failed: nothing for the first three, then a second,
// doubling to a quarter of an hour. Names that no user has wait just as long, so that waiting tells
// nobody which names there are; they are remembered here, the newest `names_max` of them.
// Thread-safe.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "engine/core/ids.h"

namespace causeway::security {

inline constexpr int failures_free = 3;
inline constexpr auto lockout_longest = std::chrono::minutes(15);

/// After so many failures in a row.
Milliseconds lockout_after(int failures);

class UnknownNames {
 public:
  static constexpr std::size_t names_max = 4096;

  /// Until when this name must wait.
  SystemTime locked_until(const std::string& name);
  void failed(const std::string& name, SystemTime now);

 private:
  struct Entry {
    std::string name;
    int failures = 0;
    SystemTime locked_until;
  };
  std::mutex mutex_;
  std::list<Entry> newest_first_;                                        // guarded by mutex_
  std::unordered_map<std::string, std::list<Entry>::iterator> by_name_;  // guarded by mutex_
};

}  // namespace causeway::security
