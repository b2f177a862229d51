// What waits or needs eyes, by queue. Single rows come from WorkReader::attention. Thread-safe.
#pragma once

#include <map>
#include <vector>

#include "engine/core/work.h"
#include "engine/store/postgres/connection_pool.h"

namespace causeway::store {

struct QueueView {
  WorkQueue queue;
  struct Part {
    std::uint64_t rows = 0;
    MessageId oldest;
    SystemTime since;  ///< The longest that one has been in `attention`.
  };
  std::map<AttentionState, Part> parts;
};

class QueueViews {
 public:
  explicit QueueViews(ConnectionPool& pool) : pool_(pool) {}

  /// Queues with something in `attention`, by channel and destination.
  Result<std::vector<QueueView>> queues();

 private:
  ConnectionPool& pool_;
};

}  // namespace causeway::store
