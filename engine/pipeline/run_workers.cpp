#include "engine/pipeline/run_workers.h"

#include <pthread.h>

#include "engine/pipeline/instances.h"
#include "engine/script/script_instance.h"

namespace causeway::pipeline {
namespace {

/// A wake-up costs as much as several runs, so one is spared where a thread whose run began within
/// this time will come to the job at once.
constexpr std::chrono::microseconds short_run{50};
/// In case its run is a long one after all, another thread looks after this time.
constexpr Milliseconds look_again{2};
/// So many jobs waiting are worth another thread.
constexpr std::size_t backlog = 16;

RunResult failed(Error error) {
  RunResult result;
  result.state = RunState::Failed;
  result.steps.push_back({"pipeline", {}, std::move(error), {}});
  return result;
}

using ResponseInstances =
    Instances<DestinationId, ResponseTransformationFactory, ResponseTransformation>;

ResponseResult look_of(ResponseInstances& instances, const ResponseRequest& request) {
  ResponseResult result;
  try {
    auto instance = instances.of(request.destination, request.transformation);
    if (instance) return look(**instance, request);
    result.error = std::move(instance).error();
  } catch (const std::exception& exception) {
    result.error = Error{ErrorKind::Internal, "", exception.what()};
  }
  return result;
}

}  // namespace

RunResult run_of(RunInstances& instances, const RunRequest& request) {
  try {
    auto instance = instances.of(request.channel, request.transformation);
    return instance ? execute(**instance, request) : failed(std::move(instance).error());
  } catch (const std::exception& exception) {
    return failed({ErrorKind::Internal, "", exception.what()});
  }
}

ThreadedRunWorkers::ThreadedRunWorkers(unsigned threads) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  began_.resize(threads);
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this, i] { work(i); });
    pthread_setname_np(threads_.back().native_handle(), ("run-" + std::to_string(i)).c_str());
  }
}

ThreadedRunWorkers::~ThreadedRunWorkers() {
  stop();
}

void ThreadedRunWorkers::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  waiting_.stop();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

/// For a job just put in the queue. While jobs wait, there must be a thread that looks by itself or
/// has been woken, unless all are awake.
bool ThreadedRunWorkers::needs_wake_up() const {
  auto waiting = watching_ + sleeping_;
  if (wake_ups_ >= waiting) return false;
  auto recent = std::chrono::steady_clock::now() - short_run;
  auto coming = wake_ups_ + static_cast<std::size_t>(
                                std::count_if(began_.begin(), began_.end(),
                                              [&](SteadyTime began) { return began > recent; }));
  bool nobody_looks = watching_ + wake_ups_ == 0;
  return coming == 0 || nobody_looks || jobs_.size() > backlog * coming;
}

void ThreadedRunWorkers::run(RunRequest request, OnResult done) {
  if (request.transformation->waits()) return waiting_.run(std::move(request), std::move(done));
  push({std::move(request), std::move(done), nullptr, {}});
}

void ThreadedRunWorkers::respond(std::shared_ptr<const ResponseRequest> request, OnResponse done) {
  push({{}, {}, std::move(request), std::move(done)});
}

void ThreadedRunWorkers::push(Job job) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    wake = needs_wake_up();
    if (wake) ++wake_ups_;
  }
  if (wake) changed_.notify_one();
}

/// Waits for a job; false: there will be none.
bool ThreadedRunWorkers::next(std::unique_lock<std::mutex>& lock, std::size_t thread, Job& job) {
  --awake_;
  began_[thread] = {};
  if (jobs_.empty() && !stopping_ && script::needs_spare_realm()) {
    lock.unlock();
    script::make_spare_realm();
    lock.lock();
  }
  while (jobs_.empty() && !stopping_) {
    bool watch = awake_ > 0;
    auto& waiting = watch ? watching_ : sleeping_;
    ++waiting;
    if (watch)
      changed_.wait_for(lock, look_again);
    else
      changed_.wait(lock);
    --waiting;
    if (wake_ups_ > 0) --wake_ups_;
  }
  ++awake_;
  if (jobs_.empty()) return false;
  began_[thread] = std::chrono::steady_clock::now();
  job = std::move(jobs_.front());
  jobs_.pop_front();
  // Its run may be a long one: what is left needs somebody else who looks.
  if (!jobs_.empty() && sleeping_ > 0 && watching_ + wake_ups_ == 0) {
    ++wake_ups_;
    changed_.notify_one();
  }
  return true;
}

void ThreadedRunWorkers::work(std::size_t thread) {
  RunInstances runs;
  ResponseInstances responses;
  std::unique_lock lock(mutex_);
  ++awake_;
  Job job;
  while (next(lock, thread, job)) {
    lock.unlock();
    if (job.response)
      job.seen(look_of(responses, *job.response));
    else
      job.done(run_of(runs, job.run));
    job = {};
    lock.lock();
  }
  --awake_;
}

}  // namespace causeway::pipeline
