// HL7's XML encoding of v2 messages: written and read, and its schemas.
//
// Writing takes a message's structure from the grammar of its version; what the grammar doesn't
// know (Z-segments, surplus components) is written where it stands, named by its number. Reading
// needs no grammar: numbers are in the names. A message that was written and read again has the
// same values at every path; empty values at ends are not kept. XML is UTF-8: a message in another
// character set is converted first. Standard: HL7 v2.xml, "XML Encoding Rules for HL7 v2 Messages".
// Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/hl7v2/grammar/grammar.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {

inline constexpr std::string_view v2_xml_namespace = "urn:hl7-org:v2xml";

/// Errors: Invalid (no version that is known, or bytes that are no UTF-8).
Result<std::string> to_xml(const Message& message);
/// The message with CR segment ends, in the delimiters that its MSH.1 and MSH.2 say (or the usual
/// ones). Errors: those of read_elements; Invalid (no message in it); Limit.
Result<std::string> from_xml(std::string_view document);

struct SchemaFile {
  std::string name;  ///< "ADT_A01.xsd", "segments.xsd"
  std::string text;
};
/// XML schemas of a version: one for each message structure, which include those of segments,
/// fields and data types.
std::vector<SchemaFile> xml_schemas(const Grammar& grammar);

}  // namespace causeway::hl7v2
