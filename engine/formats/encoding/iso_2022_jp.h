// ISO-2022-JP told apart into its sets, and back: which bytes stand for what, by the escape
// sequences before them. The characters themselves are left to EUC-JP, which has the same sets
// without escapes. Internal to engine/formats. Pure. Standard: RFC 1468, RFC 2237 (JIS X 0212), ISO
// IR14 (kana, also as 8-bit bytes); HL7 v2.x chapter 2.14.9.18: a line's end, like the end of the
// text, leads back to ASCII.
#pragma once

#include <string>
#include <string_view>

namespace causeway::encoding {

class Iso2022JpReader {
 public:
  enum class Kind : std::uint8_t {
    End,
    Ascii,    ///< One byte, as it stands.
    Euc,      ///< One character of one or two bytes; `euc` has it.
    Escape,   ///< A sequence that switches; nothing to write.
    Unknown,  ///< One byte that means nothing.
  };

  explicit Iso2022JpReader(std::string_view bytes) : rest_(bytes) {}

  Kind next();
  std::string_view taken() const { return taken_; }  ///< The bytes that `next` passed.
  std::string_view euc() const { return {euc_, euc_length_}; }

 private:
  enum class Set : std::uint8_t { Ascii, Kana, Jis208, Jis212 };

  Kind take(std::size_t length, Kind kind);
  Kind put(std::string_view prefix, std::size_t length);
  bool switch_set();

  std::string_view rest_, taken_;
  Set set_ = Set::Ascii;
  char euc_[3] = {};
  std::size_t euc_length_ = 0;
};

/// Appends text in EUC-JP as ISO-2022-JP; ends in ASCII.
void append_iso_2022_jp(std::string_view euc, std::string& out);

}  // namespace causeway::encoding
