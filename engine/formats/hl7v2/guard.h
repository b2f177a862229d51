// In some character sets a byte of a longer character may look like a delimiter: the last one of
// Big5's B5 5C, any of ISO-2022-JP. A guarded copy has the same length and no such bytes, so that
// it can be scanned; what is found is then read from the original, at the same place. Internal to
// this folder. Pure. Standard: HL7 v2.x chapter 2.14.9.18: delimiters stand in the default set.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/formats/hl7v2/delimiters.h"

namespace causeway::hl7v2 {

/// The set, if texts in it may need a guarded copy; else null.
const encoding::CharacterSet* set_to_guard(const encoding::CharacterSet* declared);

/// ASCII without escape sequences: nothing in it looks like a delimiter and is none.
bool is_plain(std::string_view text);

/// By MSH-18 as it stands.
const encoding::CharacterSet* declared_to_guard(std::string_view msh_18,
                                                const Delimiters& delimiters);

/// Of the message whose MSH this is, by MSH-18.
const encoding::CharacterSet* set_to_guard(std::string_view msh, const Delimiters& delimiters);

/// Nullopt: the text can be scanned as it is.
std::optional<std::string> guarded(std::string_view text, const encoding::CharacterSet& set,
                                   const Delimiters& delimiters);

/// `scanned` has the length of `value`, and is what decides where delimiters are.
std::string escape(std::string_view value, std::string_view scanned, const Delimiters& delimiters);
std::string unescape(std::string_view value, std::string_view scanned,
                     const Delimiters& delimiters);
Result<std::string> in_delimiters(std::string_view segment, std::string_view scanned,
                                  const Delimiters& from, const Delimiters& to);

}  // namespace causeway::hl7v2
