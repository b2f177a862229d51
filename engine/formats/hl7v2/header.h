// What routing, acknowledging and searching need of a message, read straight from its bytes.
//
// Pure; thread-safe; views into the bytes given, decoded of nothing. Errors: Invalid.
// Standard: HL7 v2.x chapter 2.14.9 (MSH).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/formats/hl7v2/delimiters.h"
#include "engine/formats/hl7v2/path.h"

namespace causeway::hl7v2 {

struct Header {
  Delimiters delimiters;
  std::string_view sending_application, sending_facility;      // MSH-3, MSH-4
  std::string_view receiving_application, receiving_facility;  // MSH-5, MSH-6
  std::string_view type;                  // MSH-9, as it stands: "ADT^A01^ADT_A01"
  std::string_view control_id;            // MSH-10
  std::string_view processing_id;         // MSH-11
  std::string_view version;               // MSH-12
  std::string_view accept_ack_type;       // MSH-15: enhanced mode if this or MSH-16 is valued
  std::string_view application_ack_type;  // MSH-16
  std::string_view character_set;         // MSH-18
  bool enhanced_mode() const { return !accept_ack_type.empty() || !application_ack_type.empty(); }
};

/// Reads the MSH segment. Leading blanks, blank lines and a byte-order mark are passed over.
Result<Header> peek_header(std::string_view bytes);

/// Reads one value without building a Message: what intake needs for order keys and search terms.
/// The raw bytes at the path (escapes not decoded); nullopt if the message has no such place or no
/// readable MSH. A path with groups takes the message's structure, and some ten times as long.
std::optional<std::string_view> peek(std::string_view bytes, const Path& path);
/// The same for every repetition of the field, every segment and every group of that name, where
/// the path has no index (searching PID-3.1 finds all identifiers); at most `most`. Empty values
/// are left out.
std::vector<std::string_view> peek_all(std::string_view bytes, const Path& path, std::size_t most);

}  // namespace causeway::hl7v2
