#include "connectors/database/utf16.h"

namespace causeway::connectors::database {
namespace {

constexpr char32_t first_pair = 0x10000;

void append(std::string& out, char32_t c) {
  const auto byte = [&](char32_t value) { out += static_cast<char>(value); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | c >> 6);
    byte(0x80 | (c & 0x3F));
  } else if (c < first_pair) {
    byte(0xE0 | c >> 12);
    byte(0x80 | (c >> 6 & 0x3F));
    byte(0x80 | (c & 0x3F));
  } else {
    byte(0xF0 | c >> 18);
    byte(0x80 | (c >> 12 & 0x3F));
    byte(0x80 | (c >> 6 & 0x3F));
    byte(0x80 | (c & 0x3F));
  }
}

}  // namespace

std::u16string to_utf16(std::string_view text) {
  std::u16string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto at = [&](std::size_t k) {
      return i + k < text.size() ? static_cast<char32_t>(static_cast<unsigned char>(text[i + k]))
                                 : char32_t{0};
    };
    const auto lead = at(0);
    char32_t c = lead;
    std::size_t length = 1;
    if (lead >= 0xF0) {
      c = (lead & 7) << 18 | (at(1) & 0x3F) << 12 | (at(2) & 0x3F) << 6 | (at(3) & 0x3F);
      length = 4;
    } else if (lead >= 0xE0) {
      c = (lead & 15) << 12 | (at(1) & 0x3F) << 6 | (at(2) & 0x3F);
      length = 3;
    } else if (lead >= 0x80) {
      c = (lead & 31) << 6 | (at(1) & 0x3F);
      length = 2;
    }
    i += length;
    if (c >= first_pair) {
      out += static_cast<char16_t>(0xD800 + ((c - first_pair) >> 10));
      out += static_cast<char16_t>(0xDC00 + ((c - first_pair) & 0x3FF));
    } else {
      out += static_cast<char16_t>(c);
    }
  }
  return out;
}

std::optional<std::string> to_utf8(std::u16string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    if (c < 0xD800 || c > 0xDFFF) {
      append(out, c);
      continue;
    }
    const char32_t low = i + 1 < text.size() ? text[i + 1] : 0;
    if (c > 0xDBFF || low < 0xDC00 || low > 0xDFFF) return std::nullopt;
    append(out, first_pair + ((c - 0xD800) << 10) + (low - 0xDC00));
    ++i;
  }
  return out;
}

}  // namespace causeway::connectors::database
