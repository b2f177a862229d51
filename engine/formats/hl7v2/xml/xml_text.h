// Text of v2 messages as text of XML. Internal to this folder. Pure.
// Standard: HL7 v2.xml, escape sequences: those of delimiters become the characters that they stand
// for, all others an <escape V="…"/>.
#pragma once

#include <string>
#include <string_view>

#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {

/// &, <, > and " as XML has them; characters that XML can't have as <escape V="Xdd"/>.
void xml_escape(std::string_view text, std::string& out);
/// A value with its escape sequences.
void xml_value(std::string_view text, const Delimiters& delimiters, std::string& out);
/// The name if XML can have it as an element's; else the other.
std::string xml_name(std::string_view name, std::string_view otherwise);
bool is_utf8(std::string_view bytes);

}  // namespace causeway::hl7v2
