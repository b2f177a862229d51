#include "connectors/support/polling_thread.h"

namespace causeway::connectors {
namespace {

constexpr Milliseconds while_held{50};
constexpr Milliseconds wait_longest{60'000};

}  // namespace

bool PollingThread::start(Intake& intake, Milliseconds first) {
  std::lock_guard lock(mutex_);
  if (thread_.joinable()) return false;
  switches_.stop = switches_.cut = false;
  ended_ = false;
  thread_ = std::thread([this, &intake, first] { work(intake, first); });
  return true;
}

void PollingThread::stop(Milliseconds grace) {
  std::thread thread;
  {
    std::unique_lock lock(mutex_);
    if (!thread_.joinable()) return;
    switches_.stop = true;
    changed_.notify_all();
    changed_.wait_for(lock, grace, [this] { return ended_; });
    switches_.cut = true;
    changed_.notify_all();
    thread.swap(thread_);
  }
  thread.join();
}

bool PollingThread::is_running() const {
  std::lock_guard lock(mutex_);
  return thread_.joinable();
}

void PollingThread::work(Intake& intake, Milliseconds first) {
  auto next = std::chrono::steady_clock::now() + first;
  while (!switches_.stop) {
    const auto left = std::chrono::ceil<Milliseconds>(next - std::chrono::steady_clock::now());
    if (left.count() > 0) {
      wait(std::min(left, wait_longest));
      looker_.rest();
    } else if (switches_.held || !intake.wants_more()) {
      wait(while_held);
    } else {
      next = std::chrono::steady_clock::now() + looker_.look(intake);
    }
  }
  looker_.close();
  std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void PollingThread::wait(Milliseconds longest) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [this] { return switches_.stop.load(); });
}

}  // namespace causeway::connectors
