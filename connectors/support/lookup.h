// Finds the addresses of a host without blocking the event loop.
//
// Numeric addresses are answered at once, names by a thread that asks the system's resolver. A
// resolver that hangs can't be interrupted, so its thread is left to end by itself: it holds
// nothing of ours, and at most `lookups_max` are under way in the process. Loop's thread alone.
#pragma once

#include "connectors/support/event_loop.h"
#include "connectors/support/socket.h"

namespace causeway::connectors {

class Lookup {
 public:
  static constexpr int lookups_max = 32;
  /// At least one address. Errors: Unavailable.
  using OnFound = std::function<void(Result<std::vector<SocketAddress>>)>;

  /// `on_found` comes later on the loop, never from within; not after destruction.
  Lookup(EventLoop& loop, std::string host, std::uint16_t port, OnFound on_found);
  ~Lookup();
  Lookup(const Lookup&) = delete;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace causeway::connectors
