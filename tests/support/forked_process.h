// A piece of the test run in a process of its own, to be killed or to end with a code.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <thread>

#include "engine/core/ids.h"

namespace causeway::testing {

class ForkedProcess {
 public:
  /// `work` returns the exit code. It shares nothing with the test from here on.
  explicit ForkedProcess(const std::function<int()>& work) : pid_(::fork()) {
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ == 0) {
      int code = 255;
      try {
        code = work();
      } catch (const std::exception& error) {
        (void)!::write(STDERR_FILENO, error.what(), std::string_view(error.what()).size());
      }
      ::_exit(code);
    }
  }
  ~ForkedProcess() {
    if (pid_ > 0) end(SIGKILL);
  }
  ForkedProcess(const ForkedProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const { ::kill(pid_, number); }
  /// Its exit code; 128 and the signal's number if it was killed.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  int end(int number) {
    signal(number);
    return wait();
  }

 private:
  pid_t pid_;
};

/// Asks until it holds or `patience` is over; returns whether it held.
inline bool eventually(const std::function<bool()>& holds,
                       Milliseconds patience = std::chrono::seconds(30)) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(Milliseconds(20));
  }
  return true;
}

}  // namespace causeway::testing
