// The threads that runs are executed on. Each keeps the instances that it has made, one per
// channel and one per destination with a response script, until they are deployed anew or they are
// the longest unused of too many.
//
// Runs that wait for others have threads of their own (waiting_runs.h).
//
// Thread-safe. A run that a library aborts takes the process with it; the supervisor restarts it
// and recovery finds the run open.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/core/transformation.h"
#include "engine/pipeline/waiting_runs.h"

namespace causeway::pipeline {

class ThreadedRunWorkers final : public RunWorkers {
 public:
  /// 0: as many as there are processors.
  explicit ThreadedRunWorkers(unsigned threads = 0);
  ~ThreadedRunWorkers() override;  ///< Stops.
  ThreadedRunWorkers(const ThreadedRunWorkers&) = delete;
  ThreadedRunWorkers& operator=(const ThreadedRunWorkers&) = delete;

  /// What comes once `stop` has returned is not executed.
  void run(RunRequest request, OnResult done) override;
  void respond(std::shared_ptr<const ResponseRequest> request, OnResponse done) override;

  /// Executes what is queued (but for runs that wait), then ends the threads. Idempotent; not from
  /// a worker's thread.
  void stop();

 private:
  struct Job {
    RunRequest run;
    OnResult done;
    // Or, where there is one:
    std::shared_ptr<const ResponseRequest> response;
    OnResponse seen;
  };

  void push(Job job);
  void work(std::size_t thread);
  bool next(std::unique_lock<std::mutex>& lock, std::size_t thread, Job& job);
  bool needs_wake_up() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  // All of these are guarded by mutex_.
  std::deque<Job> jobs_;
  std::vector<SteadyTime> began_;  // by thread: its present run; zero while there is none
  std::size_t awake_ = 0;          // threads that will look at the queue before they wait
  std::size_t wake_ups_ = 0;       // given, and not yet taken by a thread
  std::size_t watching_ = 0;       // waiting threads that look again by themselves
  std::size_t sleeping_ = 0;       // waiting threads that don't
  bool stopping_ = false;

  std::vector<std::thread> threads_;
  WaitingRuns waiting_;
};

}  // namespace causeway::pipeline
