// Numbers as bytes, most significant first, as they stand in everything sealed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace causeway::store {

/// Appends the lowest `Bytes` bytes of `number`.
template <int Bytes, class Number>
void append_big_endian(std::string& out, Number number) {
  const auto bits = static_cast<std::uint64_t>(number);
  for (int i = Bytes - 1; i >= 0; --i)
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(bits >> (8 * i))));
}

/// Reads all of `bytes`, at most 8.
inline std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<std::uint8_t>(c);
  return number;
}

}  // namespace causeway::store
