// What was being run when a library or a script's machine code brought the process down: the thread
// that dies writes it into a file, and the next start parks that piece of work as suspect, after
// one end of the engine. (What ends it without a signal of the thread's own, such as SIGKILL,
// leaves no note; marks in the store find that out after more ends.)
//
// Thread-safe; the handler calls nothing that may not be called in one.
#pragma once

#include <filesystem>
#include <optional>

#include "engine/core/result.h"
#include "engine/core/work.h"

namespace causeway {

/// What this thread works on, for as long as this lives. Not nested.
class WorkInHand {
 public:
  explicit WorkInHand(const WorkRef& work);
  ~WorkInHand();
  WorkInHand(const WorkInHand&) = delete;
  WorkInHand& operator=(const WorkInHand&) = delete;
};

/// What the last process wrote there; the file is emptied, and written again if this one dies by
/// SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT. Once in a process, before its threads are started.
Result<std::optional<WorkRef>> note_crashes_in(const std::filesystem::path& file);

}  // namespace causeway
