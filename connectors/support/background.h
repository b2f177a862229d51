// One thread for work that blocks (staging large bodies), so that the event loop needn't.
//
// The thread starts with the first task. Tasks run in order; how many wait is the caller's to
// bound. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace causeway::connectors {

class Background {
 public:
  using Task = std::function<void()>;

  Background() = default;
  ~Background() { stop(); }
  Background(const Background&) = delete;

  void run(Task task);
  /// Waits for the task that runs; those that wait are dropped, as are later ones. Idempotent.
  void stop();

 private:
  void work();

  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace causeway::connectors
