// The characters that divide a message, and escape sequences, which stand for them in values.
//
// Pure; thread-safe; no errors: what is no escape sequence stays as it is.
// Standard: HL7 v2.x chapter 2.5.4 (message delimiters), 2.7 (escape sequences).
#pragma once

#include <string>
#include <string_view>

#include "engine/formats/encoding/character_set.h"

namespace causeway::hl7v2 {

/// A delimiter that this message has none of.
inline constexpr char no_delimiter = '\0';

struct Delimiters {
  char field = '|', component = '^', repetition = '~', escape = '\\', subcomponent = '&';
  char truncation = no_delimiter;  ///< From 2.7, the fifth of MSH-2.
  bool operator==(const Delimiters&) const = default;
};

/// Decodes \F\ \S\ \R\ \T\ \E\ \P\ \X..\ and \.br\ (a line feed). Sequences that have a meaning but
/// no plain text (\H\, \N\, \.sp2\, \C..\, \M..\, \Z..\) stay as they stand.
std::string unescape(std::string_view value, const Delimiters& delimiters);
/// Where the message has no escape character, a space stands for each delimiter and segment end.
std::string escape(std::string_view value, const Delimiters& delimiters);

/// "\X0D0A\": bytes as they are.
void append_hex_sequence(std::string_view bytes, char escape, std::string& out);

/// The value without what only says how to print it (\H\, \N\, \.sp2\ …; \.br\ and other line ends
/// become line feeds), decoded: for people and for searching.
std::string plain_text(std::string_view value, const Delimiters& delimiters);

}  // namespace causeway::hl7v2
