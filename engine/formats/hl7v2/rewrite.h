// A message, or a line around messages (FHS, BHS, BTS, FTS), in other delimiters and with other
// segment ends. Values stay as they are but for their escape sequences. Pure; thread-safe. Errors:
// Invalid (the new delimiters lack one that is needed; not a message).
// Standard: HL7 v2.x chapter 2.5.4 (message delimiters), 2.7 (escape sequences).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {

struct Rewriting {
  std::optional<Delimiters> delimiters;  ///< Nullopt: its own.
  std::string_view segment_end = "\r";
};

/// From "|^~\&", or "|^~\&#": MSH-1 and MSH-2 in one. Invalid: what can't be a delimiter.
Result<Delimiters> read_delimiters_text(std::string_view text);

/// Blank lines, and what stands before MSH, are left out; the last segment has its end.
Result<std::string> rewrite(const Message& message, const Rewriting& rewriting);
/// Of a batch's or file's header or trailer: `text` is one segment, with or without its end.
Result<std::string> rewrite_envelope(std::string_view text, const Rewriting& rewriting);

}  // namespace causeway::hl7v2
