// What one run of a script may use. Every bound ends that run alone, with ErrorKind::ScriptLimit.
// Plain values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/ids.h"

namespace causeway::script {

inline constexpr std::size_t modules_max = 500;  ///< Files that one script may be made of.
inline constexpr std::size_t sources_bytes_max = 8 * 1024 * 1024;  ///< Of these together.
/// Native stack that scripts may use of their thread's (8 MiB by default on Linux).
inline constexpr std::size_t stack_bytes_max = 1024 * 1024;

struct ScriptLimits {
  /// Processor time of the run; ten times as much by the wall clock. Looked at every 5 ms.
  Milliseconds run_time{2000};
  /// Objects and small strings: exact (the garbage collector's heap).
  std::size_t heap_bytes = 64 * 1024 * 1024;
  /// What hangs from them: arrays, buffers, long strings. Looked at every 5 ms (in arrays that are
  /// growing, 50 ms). Blocks of 1 MiB and more are refused at once when they would make three times
  /// as much (see large_allocations.h): no single operation can take more.
  std::size_t native_bytes = 64 * 1024 * 1024;
  /// Everything handed to the engine: edits of the message, what is sent, the reply.
  std::size_t output_bytes = 64 * 1024 * 1024;
  /// Messages that one run may make of one.
  std::size_t parts_max = 10'000;
  /// One run in so many is repeated in a fresh realm and must give the same; 0: none.
  std::uint32_t verify_one_in = 8192;
};

}  // namespace causeway::script
