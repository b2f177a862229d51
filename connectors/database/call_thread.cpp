#include "connectors/database/call_thread.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace causeway::connectors::database {
namespace {

/// How often whoever waits looks whether it is to stop.
constexpr Milliseconds look_every{50};

std::atomic<int> left_alone{0};

}  // namespace

struct CallThread::State {
  std::mutex mutex;  // guards the rest
  std::condition_variable changed;
  std::function<void()> call;  // empty: none waits, or it has been done
  bool ended = false;
  bool given_up = false;

  static void work(const std::shared_ptr<State>& state) {
    std::unique_lock lock(state->mutex);
    for (;;) {
      state->changed.wait(lock, [&] { return state->call || state->ended; });
      if (!state->call) return;
      lock.unlock();
      state->call();
      lock.lock();
      state->call = nullptr;
      if (state->given_up) --left_alone;
      state->changed.notify_all();
      if (state->ended) return;
    }
  }
};

CallThread::CallThread() : state_(std::make_shared<State>()) {
  std::thread([state = state_] { State::work(state); }).detach();
}

CallThread::~CallThread() {
  std::lock_guard lock(state_->mutex);
  state_->ended = true;
  state_->changed.notify_all();
}

CallThread::End CallThread::run(std::function<void()> call, SteadyTime deadline,
                                const std::atomic<bool>& stop) {
  std::unique_lock lock(state_->mutex);
  state_->call = std::move(call);
  state_->changed.notify_all();
  while (state_->call) {
    state_->changed.wait_for(lock, look_every);
    if (!state_->call) break;
    const bool late = std::chrono::steady_clock::now() >= deadline;
    if (!late && !stop) continue;
    state_->ended = state_->given_up = true;
    ++left_alone;
    return late ? End::TimedOut : End::Stopped;
  }
  return End::Done;
}

bool CallThread::too_many_left_alone() {
  return left_alone >= left_alone_max;
}

}  // namespace causeway::connectors::database
