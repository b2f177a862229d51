// Integers in network byte order, as PostgreSQL's binary format has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace causeway::store {

template <class Unsigned>
void append_big_endian(std::string& to, Unsigned value) {
  static_assert(std::is_unsigned_v<Unsigned>);
  char bytes[sizeof(Unsigned)];
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
    bytes[i] = static_cast<char>(value >> (8 * (sizeof(Unsigned) - 1 - i)));
  to.append(bytes, sizeof bytes);
}

/// Precondition: `from` has at least sizeof(Unsigned) bytes.
template <class Unsigned>
Unsigned read_big_endian(std::string_view from) {
  static_assert(std::is_unsigned_v<Unsigned>);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
    value = value << 8 | static_cast<unsigned char>(from[i]);
  return static_cast<Unsigned>(value);
}

}  // namespace causeway::store
