#include "engine/pipeline/waiting_runs.h"

#include <pthread.h>

#include <algorithm>

#include "engine/pipeline/instances.h"

namespace causeway::pipeline {

WaitingRuns::~WaitingRuns() {
  stop();
}

void WaitingRuns::run(RunRequest request, RunWorkers::OnResult done) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    jobs_.push_back({std::move(request), std::move(done)});
    if (idle_ < jobs_.size() && threads_.size() < threads_max) {
      threads_.emplace_back([this] { work(); });
      pthread_setname_np(threads_.back().native_handle(),
                         ("wait-" + std::to_string(threads_.size() - 1)).c_str());
    }
  }
  changed_.notify_one();
}

/// The oldest whose channel has not its share of the threads.
std::deque<WaitingRuns::Job>::iterator WaitingRuns::next() {
  return std::find_if(jobs_.begin(), jobs_.end(), [this](const Job& job) {
    const auto running = running_.find(job.request.channel);
    return running == running_.end() || running->second < runs_of_channel_max;
  });
}

void WaitingRuns::work() {
  RunInstances instances;
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return stopping_ || next() != jobs_.end(); });
    --idle_;
    if (stopping_) return;
    const auto at = next();
    Job job = std::move(*at);
    jobs_.erase(at);
    ++running_[job.request.channel];
    lock.unlock();
    job.done(run_of(instances, job.request));
    lock.lock();
    if (--running_[job.request.channel] == 0) running_.erase(job.request.channel);
  }
}

void WaitingRuns::stop() {
  std::deque<Job> left;
  std::vector<std::thread> threads;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    left.swap(jobs_);
    threads.swap(threads_);
  }
  changed_.notify_all();
  for (auto& thread : threads) thread.join();
  for (auto& job : left) {
    RunResult again;
    again.again = true;
    job.done(std::move(again));
  }
}

}  // namespace causeway::pipeline
