// One deadline that moves with every message: a timer that runs out too early is set anew, so that
// most messages need none.
//
// Loop's thread alone; must not be destroyed from within `on_over`.
#pragma once

#include "connectors/support/event_loop.h"

namespace causeway::connectors {

class Deadline {
 public:
  using OnOver = std::function<void()>;

  Deadline(EventLoop& loop, OnOver on_over) : loop_(loop), on_over_(std::move(on_over)) {}
  ~Deadline() { loop_.cancel(timer_); }
  Deadline(const Deadline&) = delete;

  /// Instead of what was set before.
  void set(Milliseconds from_now);

 private:
  void run_out();

  EventLoop& loop_;
  const OnOver on_over_;
  SteadyTime at_;
  EventLoop::TimerId timer_ = 0;
  SteadyTime timer_at_;
};

}  // namespace causeway::connectors
