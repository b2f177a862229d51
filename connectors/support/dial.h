// One try at connecting to host and port: look up, then address after address, within one deadline.
//
// Loop's thread alone. Destroying it gives up. Errors: Unavailable, TimedOut; place "host:port".
#pragma once

#include "connectors/support/lookup.h"

namespace causeway::connectors {

class Dial final : private EventLoop::Handler {
 public:
  struct Target {
    std::string host;
    std::uint16_t port = 0;
    Milliseconds timeout{0};
  };
  using OnDone = std::function<void(Result<Socket>)>;

  /// `on_done` comes later on the loop, once, and may destroy the Dial.
  Dial(EventLoop& loop, Target target, OnDone on_done);
  ~Dial() override;

 private:
  void ready(bool readable, bool writable) override;
  void try_next();
  void failed(std::string text);
  void finish(Result<Socket> result);
  std::string place() const { return host_and_port(target_.host, target_.port); }

  EventLoop& loop_;
  Target target_;
  OnDone on_done_;
  SteadyTime deadline_;
  std::unique_ptr<Lookup> lookup_;
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;
  Socket socket_;
  Error last_error_;
  EventLoop::TimerId timer_ = 0;
};

}  // namespace causeway::connectors
