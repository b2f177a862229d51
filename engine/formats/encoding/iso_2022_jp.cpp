#include "engine/formats/encoding/iso_2022_jp.h"

namespace causeway::encoding {
namespace {

constexpr char high_bit = static_cast<char>(0x80);
constexpr std::string_view single_shift_kana = "\x8E";
constexpr std::string_view single_shift_jis212 = "\x8F";

bool is_graphic(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x21 && byte <= 0x7E;
}

}  // namespace

Iso2022JpReader::Kind Iso2022JpReader::take(std::size_t length, Kind kind) {
  taken_ = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return kind;
}

Iso2022JpReader::Kind Iso2022JpReader::put(std::string_view prefix, std::size_t length) {
  euc_length_ = 0;
  for (char c : prefix) euc_[euc_length_++] = c;
  for (char c : rest_.substr(0, length)) euc_[euc_length_++] = static_cast<char>(c | high_bit);
  return take(length, Kind::Euc);
}

bool Iso2022JpReader::switch_set() {
  struct Sequence {
    std::string_view bytes;
    Set set;
  };
  static constexpr Sequence sequences[] = {
      {"\x1B(B", Set::Ascii},   {"\x1B(J", Set::Ascii},
      {"\x1B(I", Set::Kana},    {"\x1B$B", Set::Jis208},
      {"\x1B$@", Set::Jis208},  {"\x1B$(B", Set::Jis208},
      {"\x1B$(@", Set::Jis208}, {"\x1B$(D", Set::Jis212},
      {"\x1B)I", Set::Ascii},  // kana as 8-bit bytes, which are understood in any case
  };
  for (const auto& sequence : sequences)
    if (rest_.starts_with(sequence.bytes)) {
      set_ = sequence.set;
      take(sequence.bytes.size(), Kind::Escape);
      return true;
    }
  return false;
}

Iso2022JpReader::Kind Iso2022JpReader::next() {
  if (rest_.empty()) return Kind::End;
  const char c = rest_[0];
  const auto byte = static_cast<unsigned char>(c);
  if (c == '\x1B') return switch_set() ? Kind::Escape : take(1, Kind::Unknown);
  if (c == '\r' || c == '\n') set_ = Set::Ascii;
  if (byte >= 0xA1 && byte <= 0xDF) return put(single_shift_kana, 1);
  if (byte >= 0x80) return take(1, Kind::Unknown);
  if (set_ == Set::Ascii || !is_graphic(c)) return take(1, Kind::Ascii);
  if (set_ == Set::Kana) return byte <= 0x5F ? put(single_shift_kana, 1) : take(1, Kind::Unknown);
  if (rest_.size() < 2 || !is_graphic(rest_[1])) return take(1, Kind::Unknown);
  return put(set_ == Set::Jis212 ? single_shift_jis212 : std::string_view(), 2);
}

void append_iso_2022_jp(std::string_view euc, std::string& out) {
  constexpr std::string_view to_ascii = "\x1B(B";
  std::string_view set = to_ascii;
  const auto write = [&](std::string_view wanted, std::string_view bytes) {
    if (set != wanted) out += wanted;
    set = wanted;
    for (char c : bytes) out += static_cast<char>(c & 0x7F);
  };
  while (!euc.empty()) {
    std::size_t length = static_cast<unsigned char>(euc[0]) < 0x80 ? 1 : 2;
    if (euc.starts_with(single_shift_jis212)) length = 3;
    length = std::min(length, euc.size());
    if (length == 1)
      write(to_ascii, euc.substr(0, 1));
    else if (euc.starts_with(single_shift_kana))
      write("\x1B(I", euc.substr(1, 1));
    else if (length == 3)
      write("\x1B$(D", euc.substr(1, 2));
    else
      write("\x1B$B", euc.substr(0, 2));
    euc.remove_prefix(length);
  }
  if (set != to_ascii) out += to_ascii;
}

}  // namespace causeway::encoding
