// Character sets by the names that messages and configs give them.
//
// The sets are a fixed table: what is returned lives as long as the program. Thread-safe, no
// errors. Standard: HL7 table 0211 (alternate character sets); IANA names and what senders write
// instead.
#pragma once

#include <cstdint>
#include <string_view>

namespace causeway::encoding {

/// What a scan for ASCII delimiters has to know of a set.
enum class Shape : std::uint8_t {
  Ascii,      ///< Bytes above 0x7F mean nothing.
  OneByte,    ///< ASCII, and one character for each byte above it.
  Utf8,       ///< Bytes of longer characters are all above 0x7F.
  HighTrail,  ///< Likewise: EUC-KR, EUC-JP.
  LowTrail,   ///< A later byte of a character may look like ASCII: Big5, GB 18030, Shift_JIS.
  Iso2022Jp,  ///< Escape sequences switch to sets of two bytes a character, all of which look so.
  Wide,       ///< UTF-16, UTF-32: nothing can be scanned before it is converted.
};

struct CharacterSet {
  std::string_view name;        ///< As IANA has it: "ISO-8859-1".
  std::string_view hl7_name;    ///< Table 0211: "8859/1"; empty where it has none.
  std::string_view iconv_name;  ///< For the C library.
  Shape shape = Shape::Ascii;

  bool is_superset_of_ascii() const { return shape < Shape::Iso2022Jp; }
};

const CharacterSet& ascii();
const CharacterSet& utf8();

/// By any of its names; letter case, spaces and punctuation don't count ("utf8", "ISO IR87").
/// Null: not known.
const CharacterSet* find_character_set(std::string_view name);

/// By MSH-18 as it stands, with its repetitions: an ISO 2022 set named after the first makes it
/// ISO-2022-JP. Empty is ASCII. Null: not known.
const CharacterSet* declared_character_set(std::string_view msh_18, char repetition);

/// UTF-16 or UTF-32, by a byte-order mark or by the zeros about the first letter. Null: neither.
const CharacterSet* wide_character_set(std::string_view bytes);

/// Bytes of the character that begins `bytes`, of a set that is LowTrail; at least 1.
std::size_t low_trail_length(const CharacterSet& set, std::string_view bytes);

}  // namespace causeway::encoding
