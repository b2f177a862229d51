// Numbers as the upper layer writes them: the high byte first. The caller sees that there are
// enough bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace causeway::connectors::dicom {

inline std::uint16_t read_u16(std::string_view bytes) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[0]) << 8 |
                                    static_cast<unsigned char>(bytes[1]));
}
inline std::uint32_t read_u32(std::string_view bytes) {
  return std::uint32_t{read_u16(bytes)} << 16 | read_u16(bytes.substr(2));
}
inline void put_u16(std::string& out, std::size_t value) {
  out += static_cast<char>(value >> 8 & 0xFF);
  out += static_cast<char>(value & 0xFF);
}
inline void put_u32(std::string& out, std::size_t value) {
  put_u16(out, value >> 16);
  put_u16(out, value);
}

}  // namespace causeway::connectors::dicom
