// Finding delimiters eight bytes at a time. Fields and segments are short: a call of memchr for
// each costs more than what it looks at, so that short texts are looked at here, and memchr takes
// over where a text goes on. Internal to this folder. Pure; thread-safe.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace causeway::hl7v2 {

/// Eight bytes; which of them are a given one, as the high bit of each.
class EightBytes {
 public:
  explicit EightBytes(const char* at) { std::memcpy(&bytes_, at, sizeof bytes_); }

  std::uint64_t equal_to(char c) const {
    const std::uint64_t different = bytes_ ^ (ones * static_cast<unsigned char>(c));
    return ~(((different & low_bits) + low_bits) | different | low_bits);
  }

  /// Where the first of them is.
  static int first(std::uint64_t found) {
    if constexpr (std::endian::native == std::endian::little) return std::countr_zero(found) / 8;
    return std::countl_zero(found) / 8;
  }
  static std::uint64_t without_first(std::uint64_t found) {
    if constexpr (std::endian::native == std::endian::little) return found & (found - 1);
    return found & ~(std::uint64_t{1} << (63 - std::countl_zero(found)));
  }

  static constexpr int size = 8;

 private:
  static constexpr std::uint64_t ones = 0x0101010101010101u, low_bits = 0x7F7F7F7F7F7F7F7Fu;
  std::uint64_t bytes_;
};

/// The nth (from 1) `c` in [at, end); null: there are fewer.
inline const char* find_nth(const char* at, const char* end, char c, int n) {
  for (; end - at >= EightBytes::size; at += EightBytes::size) {
    auto found = EightBytes(at).equal_to(c);
    const int count = std::popcount(found);
    if (count < n) {
      n -= count;
      continue;
    }
    for (; n > 1; --n) found = EightBytes::without_first(found);
    return at + EightBytes::first(found);
  }
  for (; at != end; ++at)
    if (*at == c && --n == 0) return at;
  return nullptr;
}

/// The first `c` in [at, end), or end.
inline const char* find_or_end(const char* at, const char* end, char c) {
  constexpr int looked_at = 64;
  const char* const near = end - at > looked_at ? at + looked_at : end;
  if (const char* found = find_nth(at, near, c, 1)) return found;
  if (near == end) return end;
  const void* found = std::memchr(near, c, static_cast<std::size_t>(end - near));
  return found ? static_cast<const char*>(found) : end;
}

/// The first CR or LF in [at, end), or end.
inline const char* find_line_end(const char* at, const char* end) {
  constexpr int looked_at = 256;
  const char* const near = end - at > looked_at ? at + looked_at : end;
  for (; near - at >= EightBytes::size; at += EightBytes::size) {
    const EightBytes bytes(at);
    if (const auto found = bytes.equal_to('\r') | bytes.equal_to('\n'))
      return at + EightBytes::first(found);
  }
  for (; at != near; ++at)
    if (*at == '\r' || *at == '\n') return at;
  if (at == end) return end;
  const char* const cr = find_or_end(at, end, '\r');
  return find_or_end(at, cr, '\n');
}

}  // namespace causeway::hl7v2
