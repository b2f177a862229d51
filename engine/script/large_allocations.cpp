#include "engine/script/large_allocations.h"

#include <malloc.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <mutex>

namespace causeway::script {
namespace {

thread_local LargeAllocations* current = nullptr;

struct Block {
  void* address = nullptr;
  std::size_t bytes = 0;
  LargeAllocations* owner = nullptr;
};

}  // namespace

/// The blocks that are counted, by address: open addressing with linear probing.
struct LargeAllocationTable {
  static constexpr std::size_t slots = 32 * 1024;
  static constexpr std::size_t blocks_max = slots / 2;

  /// False: it would be past the limit, or there are too many.
  static bool admits(LargeAllocations& owner, std::size_t bytes) {
    bool good = bytes <= owner.bytes_max_ && owner.bytes() + bytes <= owner.bytes_max_ &&
                count < blocks_max;
    if (!good) owner.refused_ = true;
    return good;
  }

  static void add(const Block& block) {
    std::lock_guard lock(mutex);
    auto at = home(block.address);
    while (blocks[at].address) at = (at + 1) % slots;
    blocks[at] = block;
    block.owner->bytes_ += block.bytes;
    ++count;
  }

  /// What was counted at this address, which is so no more; no owner: nothing.
  static Block remove(void* address) {
    std::lock_guard lock(mutex);
    auto at = home(address);
    while (blocks[at].address && blocks[at].address != address) at = (at + 1) % slots;
    if (!blocks[at].address) return {};
    auto removed = blocks[at];
    close_gap(at);
    removed.owner->bytes_ -= removed.bytes;
    --count;
    return removed;
  }

  static std::size_t home(const void* address) {
    return reinterpret_cast<std::uintptr_t>(address) / 4096 * 0x9E3779B97F4A7C15u >> 49;
  }

  /// Moves up what was put further on because this slot was taken.
  static void close_gap(std::size_t gap) {
    for (auto at = (gap + 1) % slots; blocks[at].address; at = (at + 1) % slots) {
      auto from_home = (at + slots - home(blocks[at].address)) % slots;
      if (from_home < (at + slots - gap) % slots) continue;
      blocks[gap] = blocks[at];
      gap = at;
    }
    blocks[gap] = {};
  }

  static inline std::mutex mutex;
  static inline std::array<Block, slots> blocks;  // guarded by mutex
  static inline std::atomic<std::size_t> count{0};
};

LargeAllocations::Bounded::Bounded(LargeAllocations& allocations, std::size_t bytes_max) {
  allocations.bytes_max_ = bytes_max;
  allocations.refused_ = false;
  current = &allocations;
}

LargeAllocations::Bounded::~Bounded() {
  current = nullptr;
}

}  // namespace causeway::script

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

using causeway::script::Block;
using causeway::script::current;
using causeway::script::large_allocation_bytes;
using causeway::script::LargeAllocationTable;

// The C library's own, under the names by which it offers them to such layers.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void __libc_free(void*);
}

namespace {

bool is_counted(void* block) {
  return LargeAllocationTable::count.load(std::memory_order_relaxed) > 0 && block &&
         malloc_usable_size(block) >= large_allocation_bytes;
}

void* refuse() {
  errno = ENOMEM;
  return nullptr;
}

/// An allocation of a running script's: `allocate` if the limit admits it.
template <class Allocate>
void* bounded(std::size_t bytes, Allocate allocate) {
  auto* owner = current;
  if (!LargeAllocationTable::admits(*owner, bytes)) return refuse();
  void* block = allocate();
  if (block) LargeAllocationTable::add({block, bytes, owner});
  return block;
}

/// A block that is counted, or is to be, with another size.
void* reallocate(void* old, std::size_t bytes) {
  // Uncounted first: once it is free, another thread may get the same address.
  auto counted = is_counted(old) ? LargeAllocationTable::remove(old) : Block();
  auto* owner = counted.owner ? counted.owner : current;
  bool count = owner && bytes >= large_allocation_bytes;
  bool good = !count || owner != current || LargeAllocationTable::admits(*owner, bytes);
  void* block = good ? __libc_realloc(old, bytes) : refuse();
  if (block && count)
    LargeAllocationTable::add({block, bytes, owner});
  else if (!block && counted.owner && bytes > 0)
    LargeAllocationTable::add(counted);
  return block;
}

}  // namespace

extern "C" {

void* malloc(std::size_t bytes) {
  if (bytes < large_allocation_bytes || !current) return __libc_malloc(bytes);
  return bounded(bytes, [&] { return __libc_malloc(bytes); });
}

void* calloc(std::size_t count, std::size_t bytes) {
  std::size_t all = 0;
  if (__builtin_mul_overflow(count, bytes, &all)) return refuse();
  if (all < large_allocation_bytes || !current) return __libc_calloc(count, bytes);
  return bounded(all, [&] { return __libc_calloc(count, bytes); });
}

void* realloc(void* old, std::size_t bytes) {
  if ((bytes < large_allocation_bytes || !current) && !is_counted(old))
    return __libc_realloc(old, bytes);
  return reallocate(old, bytes);
}

void free(void* block) {
  if (is_counted(block)) LargeAllocationTable::remove(block);
  __libc_free(block);
}

}  // extern "C"

#endif
