// Sources and sinks that no channel works with any more: they are stopped in the background, as
// long as that takes (a receiver may be about to answer), and destroyed once no deployment that
// names them is referred to. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/channel/deployment.h"

namespace causeway {

class RetiredEnds {
 public:
  using Stop = std::function<void(Milliseconds grace)>;
  using Users = std::vector<std::weak_ptr<const channel::Deployment>>;

  ~RetiredEnds();

  /// Calls `stop` with `grace` on a thread of its own; then keeps `end` until all `users` are gone.
  void retire(std::shared_ptr<void> end, Stop stop, Milliseconds grace, Users users);
  /// Destroys what may be; to be called now and then.
  void sweep();
  /// Ends what is still being stopped, within `grace`; returns when all has stopped.
  void stop(Milliseconds grace);

 private:
  struct Retired {
    std::shared_ptr<void> end;
    Stop stop;
    Users users;
    std::thread stopping;
    std::atomic<bool> stopped{false};
  };

  std::mutex mutex_;  // guards the list
  std::list<Retired> retired_;
};

}  // namespace causeway
