// zstd (RFC 8878) for what is sealed: level 1, and against related bytes where there are some (an
// output against its input: 2.2 µs and 52 bytes for a light edit of 1.5 KB; without, 5.2 µs and
// 800 bytes). Contexts are reused from call to call. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace causeway::store {

/// Larger related bytes aren't used: reading them in would cost more than it saves.
inline constexpr std::size_t dictionary_bytes_max = 64 * 1024;

class Compression {
 public:
  Compression();
  ~Compression();
  Compression(Compression&&) noexcept;

  /// The compressed bytes, valid until the next call; empty if they would not be smaller. A wrong
  /// dictionary is noticed when it is expanded.
  std::string_view compress(std::string_view plain, std::string_view dictionary);
  /// Damaged: not what `compress` made, another dictionary, or more than `bytes_max` bytes.
  Result<std::string> expand(std::string_view packed, std::string_view dictionary,
                             std::size_t bytes_max);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace causeway::store
