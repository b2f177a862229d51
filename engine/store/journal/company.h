// How many verbs a transaction waits for before it is committed: group commit that finds its own
// size.
//
// A commit costs PostgreSQL and us a fixed share, whatever it carries; verbs that come together
// share it. Senders wait for their acknowledgements, so more than are under way never come, and
// waiting for them only delays: the number wanted is what came of late. A wait in vain lowers it at
// once; now and then twice as many are tried. A sender alone waits for nobody.
// Not thread-safe: guarded by the queue's mutex.
#pragma once

#include <cstddef>

namespace causeway::store {

class Company {
 public:
  explicit Company(std::size_t most) : most_(most) {}

  std::size_t wanted() const { return wanted_; }
  /// So many were taken, since they were enough or since they had waited too long for more.
  void taken(std::size_t count);

 private:
  const std::size_t most_;
  std::size_t wanted_ = 1;
  std::size_t since_trial_ = 0;
};

}  // namespace causeway::store
