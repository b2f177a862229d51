// The parts of `causeway hl7`: one file each. As commands.h says of commands, each takes the words
// after its name and returns the exit code.
#pragma once

#include "engine/main/commands.h"

namespace causeway {

int hl7_show(const Words& words);      ///< Messages as trees, explained.
int hl7_get(const Words& words);       ///< Values by path, as a table.
int hl7_diff(const Words& words);      ///< Where the messages of two files differ.
int hl7_convert(const Words& words);   ///< Character set, segment ends, delimiters, XML.
int hl7_validate(const Words& words);  ///< Checks messages of files against standard or profile.
int hl7_xml(const Words& words);       ///< Messages as v2 XML, and back.
int hl7_schema(const Words& words);    ///< Writes the XML schemas of v2 XML.

}  // namespace causeway
