// How the elements of a data set are encoded: tags, value representations, transfer syntaxes.
//
// Plain values and pure functions; thread-safe. Standard: DICOM PS3.5 sections 6.2, 7.1, 10 and
// annex A.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace causeway::dicom {

/// Group in the upper half, element in the lower.
using Tag = std::uint32_t;

constexpr Tag make_tag(unsigned group, unsigned element) {
  return static_cast<Tag>(group << 16 | element);
}
constexpr unsigned group_of(Tag tag) {
  return tag >> 16;
}
/// "(0010,0010)".
std::string to_string(Tag tag);
/// "00100010".
std::string digits_of(Tag tag);

constexpr bool is_private(Tag tag) {
  return (group_of(tag) & 1) != 0;
}

namespace tags {
inline constexpr Tag specific_character_set = 0x00080005;
inline constexpr Tag sop_class_uid = 0x00080016;
inline constexpr Tag sop_instance_uid = 0x00080018;
inline constexpr Tag modality = 0x00080060;
inline constexpr Tag patient_id = 0x00100020;
inline constexpr Tag float_pixel_data = 0x7FE00008;
inline constexpr Tag double_float_pixel_data = 0x7FE00009;
inline constexpr Tag pixel_data = 0x7FE00010;
inline constexpr Tag item = 0xFFFEE000;
inline constexpr Tag item_end = 0xFFFEE00D;
inline constexpr Tag sequence_end = 0xFFFEE0DD;
}  // namespace tags

constexpr bool is_pixel_data(Tag tag) {
  return tag == tags::pixel_data || tag == tags::float_pixel_data ||
         tag == tags::double_float_pixel_data;
}

/// Two letters, as they stand in explicit encodings.
using Vr = std::array<char, 2>;

constexpr Vr vr(const char (&letters)[3]) {
  return {letters[0], letters[1]};
}
inline std::string to_string(Vr value) {
  return {value.data(), value.size()};
}

/// Whether its explicit form has four bytes of length, after two that are reserved.
bool has_long_length(Vr value);
/// Whether its bytes are characters.
bool is_text(Vr value);
/// Whether they are in the set that SpecificCharacterSet names; else they are ASCII.
bool has_character_set(Vr value);
/// Of a number of the binary kinds, of which a value holds several; 0: it is none.
std::size_t number_bytes(Vr value);

struct Encoding {
  bool explicit_vr = true;
  bool big_endian = false;
  bool deflated = false;  ///< All of the data set, by RFC 1951.

  std::uint16_t u16(const char* bytes) const;
  std::uint32_t u32(const char* bytes) const;
  void put_u16(std::string& out, std::uint32_t value) const;
  void put_u32(std::string& out, std::uint32_t value) const;
};

namespace uids {
inline constexpr std::string_view implicit_little_endian = "1.2.840.10008.1.2";
inline constexpr std::string_view explicit_little_endian = "1.2.840.10008.1.2.1";
inline constexpr std::string_view explicit_big_endian = "1.2.840.10008.1.2.2";
inline constexpr std::string_view deflated_little_endian = "1.2.840.10008.1.2.1.99";
}  // namespace uids

/// Of a transfer syntax: what isn't one of the few others is explicit, little endian.
Encoding encoding_of(std::string_view transfer_syntax);

/// Up to 64 digits and dots, of the form of a UID.
bool is_uid(std::string_view text);

}  // namespace causeway::dicom
