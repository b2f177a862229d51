#include "engine/main/thread_executor.h"

namespace causeway {

ThreadExecutor::ThreadExecutor(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { wait_for_timers(); });
}

ThreadExecutor::~ThreadExecutor() {
  stop();
}

void ThreadExecutor::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_came_.notify_all();
  timers_changed_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
  threads_.clear();
  std::lock_guard lock(mutex_);
  tasks_.clear();
  timers_.clear();
  due_.clear();
}

void ThreadExecutor::post(Task task) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
  }
  work_came_.notify_one();
}

Executor::TimerId ThreadExecutor::post_at(SteadyTime when, Task task) {
  std::lock_guard lock(mutex_);
  if (stopping_) return 0;
  const auto id = next_timer_++;
  const bool is_first = timers_.empty() || when < timers_.begin()->first.first;
  timers_.emplace(std::pair(when, id), std::move(task));
  due_.emplace(id, when);
  if (is_first) timers_changed_.notify_one();
  return id;
}

void ThreadExecutor::cancel(TimerId timer) {
  std::lock_guard lock(mutex_);
  auto at = due_.find(timer);
  if (at == due_.end()) return;
  timers_.erase({at->second, timer});
  due_.erase(at);
}

void ThreadExecutor::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_came_.wait(lock, [&] { return stopping_ || !tasks_.empty(); });
    if (stopping_) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

void ThreadExecutor::wait_for_timers() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (timers_.empty()) {
      timers_changed_.wait(lock);
      continue;
    }
    auto when = timers_.begin()->first.first;
    if (std::chrono::steady_clock::now() < when) {
      timers_changed_.wait_until(lock, when);
      continue;
    }
    auto node = timers_.extract(timers_.begin());
    due_.erase(node.key().second);
    tasks_.push_back(std::move(node.mapped()));
    work_came_.notify_one();
  }
}

}  // namespace causeway
