// Threads for runs that wait for others (look-ups): kept apart, so that a slow server holds up the
// runs of no channel but its own. They are begun as they are needed, up to a limit, and each keeps
// instances as other workers do.
//
// Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/core/transformation.h"

namespace causeway::pipeline {

class WaitingRuns {
 public:
  static constexpr std::size_t threads_max = 32;
  /// Of one channel at once: others find threads even if all of its runs wait.
  static constexpr std::size_t runs_of_channel_max = 8;

  ~WaitingRuns();

  /// As RunWorkers::run.
  void run(RunRequest request, RunWorkers::OnResult done);

  /// What has not begun is given back, to be run again; then the threads end. Idempotent; not from
  /// one of them.
  void stop();

 private:
  struct Job {
    RunRequest request;
    RunWorkers::OnResult done;
  };

  void work();
  std::deque<Job>::iterator next();

  std::mutex mutex_;
  std::condition_variable changed_;
  // All of these are guarded by mutex_.
  std::deque<Job> jobs_;
  std::map<ChannelId, std::size_t> running_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace causeway::pipeline
