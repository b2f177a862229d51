// Interrupts scripts that run, so that their limits are looked at: one thread for all of them.
// Internal to this folder. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/core/ids.h"

struct JSContext;

namespace causeway::script {

class Watchdog {
 public:
  static constexpr Milliseconds tick{5};

  /// An interpreter being watched. `begin` and `end` by its own thread, around what can be long.
  class Watched {
   public:
    Watched(Watchdog& watchdog, JSContext* context);
    ~Watched();  ///< Once it returns, the context is not touched any more.
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

    void begin() {
      running_.store(true);
      if (watchdog_.asleep_.load()) watchdog_.wake();
    }
    void end() { running_.store(false, std::memory_order_relaxed); }

   private:
    friend class Watchdog;
    Watchdog& watchdog_;
    JSContext* context_;
    std::atomic<bool> running_{false};
    bool seen_running_ = false;  // at the last tick; guarded by the watchdog's mutex
  };

  Watchdog();
  ~Watchdog();

 private:
  void watch();
  bool interrupt_long_ones();
  void wake();

  std::atomic<bool> asleep_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Watched*> watched_;  // guarded by mutex_
  bool ending_ = false;            // guarded by mutex_
  std::thread thread_;
};

}  // namespace causeway::script
