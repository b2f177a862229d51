// Accepts connections on the event loop.
//
// Used on the loop's thread alone. Out of descriptors, it rests for a moment instead of spinning;
// connections then wait in the kernel's queue.
#pragma once

#include <functional>

#include "connectors/support/event_loop.h"
#include "connectors/support/socket.h"

namespace causeway::connectors {

class Listener final : private EventLoop::Handler {
 public:
  /// May close the listener, but not destroy it.
  using OnConnection = std::function<void(Socket, const SocketAddress& peer)>;

  Listener(EventLoop& loop, Socket socket, OnConnection on_connection);
  ~Listener() override;

  SocketAddress address() const { return SocketAddress::local_of(socket_.fd()); }
  void close();
  /// The socket, which goes on listening; this one accepts no more.
  Socket release();

 private:
  void ready(bool readable, bool writable) override;
  void rest();

  EventLoop& loop_;
  Socket socket_;
  OnConnection on_connection_;
  EventLoop::TimerId resting_ = 0;
};

}  // namespace causeway::connectors
