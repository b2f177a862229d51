// A limit on the large blocks of native memory that a running script makes the JavaScript engine
// allocate: strings, arrays, buffers. One built-in operation can ask for a GiB before any watchdog
// sees it, so the program's `malloc` is a thin layer over the C library's: past the limit it says
// no, which the engine reports as memory that ran out. Blocks below 1 MiB, and threads that run no
// script, pass straight through.
//
// Internal to this folder. Thread-safe: a block may be freed by any thread. Under a sanitizer,
// which has a malloc of its own, nothing is limited.
#pragma once

#include <atomic>
#include <cstddef>

namespace causeway::script {

inline constexpr std::size_t large_allocation_bytes = 1024 * 1024;

/// What one interpreter has of them. Outlives the interpreter's blocks.
class LargeAllocations {
 public:
  /// While one of these exists, this thread's large allocations are counted and bounded.
  class Bounded {
   public:
    Bounded(LargeAllocations& allocations, std::size_t bytes_max);
    ~Bounded();
    Bounded(const Bounded&) = delete;
    Bounded& operator=(const Bounded&) = delete;
  };

  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  /// Whether one has been refused since the last Bounded began.
  bool refused() const { return refused_; }

 private:
  friend struct LargeAllocationTable;
  std::atomic<std::size_t> bytes_{0};
  std::size_t bytes_max_ = 0;  // used by the interpreter's thread alone
  bool refused_ = false;       // likewise
};

}  // namespace causeway::script
