// Where work that is not done at once is put. The engine's runs on threads; the simulator's runs
// on one seeded event queue. Thread-safe.
#pragma once

#include <functional>

#include "engine/core/ids.h"

namespace causeway {

class Executor {
 public:
  using Task = std::function<void()>;
  using TimerId = std::uint64_t;

  virtual ~Executor() = default;
  /// Runs `task` soon on a thread that may block on the database.
  virtual void post(Task task) = 0;
  /// Runs `task` at `when`, not before. Returns a number for `cancel`.
  virtual TimerId post_at(SteadyTime when, Task task) = 0;
  /// A timer that has fired or is firing is not an error.
  virtual void cancel(TimerId timer) = 0;
};

}  // namespace causeway
