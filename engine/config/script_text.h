// A script's words, for what can be told about it without running it: which files it imports, which
// destinations and tables it names, whether a password stands in it. It is a scanner, no parser:
// what it takes for a regular expression or a division is a good guess, and any text is accepted.
//
// Pure. Words are views into the text. Standard: ECMA-262, 12 (lexical grammar).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/config/value.h"

namespace causeway::config {

struct ScriptWord {
  enum class Kind : std::uint8_t { Name, Number, String, Template, Expression, Sign };
  Kind kind = Kind::Sign;
  std::string_view text;  ///< Of a String or Template what is between the quotes, escapes and all.
  Place place;
};

/// Comments and white space are left out; a Sign is one character.
std::vector<ScriptWord> words_of_script(std::string_view text);

/// A text that a script hands to a function or imports from, where it is written out.
struct Named {
  std::string name;
  Place place;
};

/// "./names.js" of: import … from "./names.js", export … from, import "./names.js".
std::vector<Named> imports_of(const std::vector<ScriptWord>& words);
/// "lab" of: ctx.METHOD("lab" …
std::vector<Named> context_calls(const std::vector<ScriptWord>& words, std::string_view method);

}  // namespace causeway::config
