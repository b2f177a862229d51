// One thread that waits for sockets (epoll), timers and posted work. What runs on it must not
// block.
//
// `post` and `run_and_wait` may be called from any thread; everything else only on the loop's own
// thread or before `start`. A handler may remove itself or others while it runs. SIGPIPE
// is blocked on its thread. Linux only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::connectors {

class EventLoop {
 public:
  using Task = std::function<void()>;
  /// Told that a descriptor is readable, writable or hung up.
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void ready(bool readable, bool writable) = 0;
  };
  using TimerId = std::uint64_t;

  EventLoop();
  ~EventLoop();  ///< Stops.
  EventLoop(const EventLoop&) = delete;

  void start();
  void stop();  ///< Posted work that has not run is dropped. Idempotent.
  bool on_loop_thread() const;

  void post(Task task);
  /// Runs `task` on the loop and waits until it has; at once from the loop itself, or if the loop
  /// isn't running.
  void run_and_wait(const Task& task);

  /// Adds, or changes what is waited for. A hang-up is told as readable and writable; who waits for
  /// neither hears nothing.
  void watch(int fd, Handler& handler, bool read, bool write);
  void forget(int fd);  ///< Before the descriptor is closed. One that isn't watched is no error.
  /// Not before `delay` from now; timers due at the same time run in the order of the calls.
  TimerId after(Milliseconds delay, Task task);
  void cancel(TimerId timer);

  /// What connectors on this loop share, by name: a listener of several channels. Each goes with
  /// the last that holds it.
  std::map<std::string, std::weak_ptr<void>>& shared();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace causeway::connectors
