// A program run as a child process: started, signalled, waited for.
//
// Each child leads a process group of its own, so that Ctrl-C in a terminal reaches the parent
// alone, which then stops its children in the right order. Not thread-safe. Start children on a
// thread that lives as long as they may: `parent_death_signal` is sent when that thread ends.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::store {

struct ChildCommand {
  std::vector<std::string> words{};  ///< The program (a path, or looked up in PATH) and arguments.
  std::string output_file{};         ///< Standard output and error are appended to it; empty: ours.
  std::string folder{};              ///< Its current folder; empty: ours.
  int parent_death_signal = 0;       ///< Sent to the child when its parent is gone; 0: none.
};

/// How a process ended: as waitpid(2) tells it.
struct Ending {
  int exit_code = 0;  ///< If it wasn't killed.
  int signal = 0;     ///< The signal that killed it; 0: it exited.
  bool clean() const { return exit_code == 0 && signal == 0; }
  std::string str() const;  ///< "exit code 1", "signal 9 (Killed)"
};

class ChildProcess {
 public:
  /// Unavailable: it could not be started (the program isn't there, no memory, …).
  static Result<ChildProcess> start(const ChildCommand& command);

  pid_t pid() const { return pid_; }
  /// Sends a signal; nothing happens if it has ended.
  void signal(int number) const;
  /// How it ended, or nothing if it still runs after `patience`. May be asked again.
  std::optional<Ending> wait(Milliseconds patience);
  /// Sends `number`; after `patience` SIGKILL. Returns how it ended.
  Ending stop(int number, Milliseconds patience);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  std::optional<Ending> ending_;
};

/// Runs a command to its end, in the folder `/`. Unavailable: it could not be started; TimedOut: it
/// was killed after `patience`; Internal: it failed, with the tail of what it wrote.
Status run_command(const std::vector<std::string>& words, Milliseconds patience);

/// True if the process exists and is no zombie. Works for processes that aren't our children.
bool process_runs(pid_t pid);

/// Running processes whose current folder is `folder`: for PostgreSQL's data folder, the postmaster
/// and its backends. Only those of this user are seen (as root: all).
std::vector<pid_t> processes_in(const std::string& folder);

}  // namespace causeway::store
