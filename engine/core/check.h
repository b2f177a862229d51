// CHECK: an impossible state aborts the process; recovery at the next start is the handler.
// Never used for what a peer, user, script, file or network can cause (that is a Result).
// Included by .cpp files only: Catch2 has a CHECK of its own.
#pragma once

namespace causeway {

/// Writes "CHECK failed: <what> at file:line" to standard error and aborts.
[[noreturn]] void check_failed(const char* what, const char* file, int line);

}  // namespace causeway

#define CHECK(condition)                                        \
  do {                                                          \
    if (!(condition)) [[unlikely]]                              \
      ::causeway::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
