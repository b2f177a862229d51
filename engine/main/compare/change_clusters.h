// The changes of many messages, put together: each with how many messages have it, and one of them
// to look at. Thread-safe: one mutex.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/main/compare/message_comparison.h"

namespace causeway {

class ChangeClusters {
 public:
  static constexpr std::size_t clusters_max = 10'000;  ///< Further ones are only counted.

  struct Cluster {
    Change change;  ///< Of the example.
    std::size_t messages = 0;
    MessageId example;
  };

  void add(MessageId message, const std::vector<Change>& changes);

  struct Summary {
    std::size_t compared = 0, changed = 0;
    std::vector<Cluster> clusters;  ///< Those of most messages first.
    bool more = false;              ///< Than are kept.
  };
  Summary summary() const;

 private:
  using Key = std::tuple<Change::Kind, std::string, std::string>;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::map<Key, Cluster> clusters_;
  std::size_t compared_ = 0, changed_ = 0;
  bool more_ = false;
};

}  // namespace causeway
