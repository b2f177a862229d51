#include "engine/script/watchdog.h"

#include <algorithm>

#include <jsapi.h>

#include <js/Interrupt.h>

namespace causeway::script {
namespace {

/// Ticks without a run after which the thread waits to be woken.
constexpr int idle_ticks_max = 200;

}  // namespace

Watchdog::Watched::Watched(Watchdog& watchdog, JSContext* context)
    : watchdog_(watchdog), context_(context) {
  std::lock_guard lock(watchdog_.mutex_);
  watchdog_.watched_.push_back(this);
}

Watchdog::Watched::~Watched() {
  std::lock_guard lock(watchdog_.mutex_);
  std::erase(watchdog_.watched_, this);
}

Watchdog::Watchdog() : thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::wake() {
  std::lock_guard lock(mutex_);
  asleep_.store(false);
  changed_.notify_all();
}

/// A run that is under way at two ticks gets an interrupt; short ones never do. (That it may not be
/// the same run costs nothing but an early look at its limits.)
bool Watchdog::interrupt_long_ones() {
  bool any = false;
  for (auto* one : watched_) {
    bool running = one->running_.load();
    if (running && one->seen_running_) JS_RequestInterruptCallback(one->context_);
    one->seen_running_ = running;
    any = any || running;
  }
  return any;
}

void Watchdog::watch() {
  std::unique_lock lock(mutex_);
  int idle_ticks = 0;
  while (!ending_) {
    idle_ticks = interrupt_long_ones() ? 0 : idle_ticks + 1;
    if (idle_ticks > idle_ticks_max) {
      asleep_.store(true);
      // A run that began before it could see `asleep_` is seen here.
      if (interrupt_long_ones()) asleep_.store(false);
      changed_.wait(lock, [this] { return ending_ || !asleep_.load(); });
      idle_ticks = 0;
    }
    changed_.wait_for(lock, tick, [this] { return ending_; });
  }
}

}  // namespace causeway::script
