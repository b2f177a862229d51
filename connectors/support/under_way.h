// Counts what is under way (connections, requests, tries), so that a stop can wait for it.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "engine/core/ids.h"

namespace causeway::connectors {

class UnderWay {
 public:
  void begin();
  void end();
  std::size_t count() const;
  /// At most for `longest`.
  void wait_for_none(Milliseconds longest);

 private:
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable none_;
  std::size_t count_ = 0;
};

}  // namespace causeway::connectors
