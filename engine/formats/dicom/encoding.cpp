#include "engine/formats/dicom/encoding.h"

#include <algorithm>

namespace causeway::dicom {
namespace {

constexpr std::size_t uid_bytes_max = 64;

template <std::size_t n>
bool is_among(Vr value, const std::array<Vr, n>& all) {
  return std::find(all.begin(), all.end(), value) != all.end();
}

bool is_upper(char letter) {
  return letter >= 'A' && letter <= 'Z';
}

}  // namespace

std::string to_string(Tag tag) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text = "(0000,0000)";
  for (int i = 0; i < 8; ++i)
    text[static_cast<std::size_t>(i + (i < 4 ? 1 : 2))] = digits[tag >> (28 - 4 * i) & 0xF];
  return text;
}

std::string digits_of(Tag tag) {
  const auto text = to_string(tag);
  return text.substr(1, 4) + text.substr(6, 4);
}

bool has_long_length(Vr value) {
  static constexpr std::array short_ones{vr("AE"), vr("AS"), vr("AT"), vr("CS"), vr("DA"), vr("DS"),
                                         vr("DT"), vr("FD"), vr("FL"), vr("IS"), vr("LO"), vr("LT"),
                                         vr("PN"), vr("SH"), vr("SL"), vr("SS"), vr("ST"), vr("TM"),
                                         vr("UI"), vr("UL"), vr("US")};
  // Kinds that a later edition adds have the long form; what isn't letters came from a writer that
  // knew none, and those write the short one.
  return is_upper(value[0]) && is_upper(value[1]) && !is_among(value, short_ones);
}

bool is_text(Vr value) {
  static constexpr std::array text_ones{vr("AE"), vr("AS"), vr("CS"), vr("DA"), vr("DS"), vr("DT"),
                                        vr("IS"), vr("LO"), vr("LT"), vr("PN"), vr("SH"), vr("ST"),
                                        vr("TM"), vr("UC"), vr("UI"), vr("UR"), vr("UT")};
  return is_among(value, text_ones);
}

bool has_character_set(Vr value) {
  static constexpr std::array sets{vr("LO"), vr("LT"), vr("PN"), vr("SH"),
                                   vr("ST"), vr("UC"), vr("UT")};
  return is_among(value, sets);
}

std::size_t number_bytes(Vr value) {
  if (value == vr("US") || value == vr("SS")) return 2;
  if (value == vr("UL") || value == vr("SL") || value == vr("FL") || value == vr("AT")) return 4;
  if (value == vr("FD") || value == vr("SV") || value == vr("UV")) return 8;
  return 0;
}

std::uint16_t Encoding::u16(const char* bytes) const {
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  return static_cast<std::uint16_t>(big_endian ? first << 8 | second : second << 8 | first);
}

std::uint32_t Encoding::u32(const char* bytes) const {
  const std::uint32_t first = u16(bytes), second = u16(bytes + 2);
  return big_endian ? first << 16 | second : second << 16 | first;
}

void Encoding::put_u16(std::string& out, std::uint32_t value) const {
  const auto low = static_cast<char>(value & 0xFF), high = static_cast<char>(value >> 8 & 0xFF);
  out += big_endian ? high : low;
  out += big_endian ? low : high;
}

void Encoding::put_u32(std::string& out, std::uint32_t value) const {
  put_u16(out, big_endian ? value >> 16 : value & 0xFFFF);
  put_u16(out, big_endian ? value & 0xFFFF : value >> 16);
}

Encoding encoding_of(std::string_view transfer_syntax) {
  if (transfer_syntax == uids::implicit_little_endian) return {.explicit_vr = false};
  if (transfer_syntax == uids::explicit_big_endian) return {.big_endian = true};
  if (transfer_syntax == uids::deflated_little_endian) return {.deflated = true};
  return {};
}

bool is_uid(std::string_view text) {
  return !text.empty() && text.size() <= uid_bytes_max &&
         text.find_first_not_of("0123456789.") == text.npos;
}

}  // namespace causeway::dicom
