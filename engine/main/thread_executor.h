// The engine's Executor: a few threads that may block on the database, and one that waits for
// timers. Thread-safe. `stop` lets running tasks end and drops the rest.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/core/executor.h"

namespace causeway {

class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(int threads);
  ~ThreadExecutor() override;

  void post(Task task) override;
  TimerId post_at(SteadyTime when, Task task) override;
  void cancel(TimerId timer) override;
  void stop();

 private:
  void work();
  void wait_for_timers();

  std::mutex mutex_;
  std::condition_variable work_came_;
  std::condition_variable timers_changed_;
  std::deque<Task> tasks_;
  std::map<std::pair<SteadyTime, TimerId>, Task> timers_;
  std::unordered_map<TimerId, SteadyTime> due_;
  TimerId next_timer_ = 1;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace causeway
