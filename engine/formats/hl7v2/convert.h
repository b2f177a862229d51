// A message from one character set to another.
//
// Bytes that mean nothing in the set that they are in, and characters that the other has no place
// for, are kept as escape sequences (\X..\: the bytes, or the character in UTF-8) and counted.
// Pure; thread-safe. Errors: Invalid (no MSH, or a set that isn't known), Limit.
// Standard: HL7 v2.x chapter 2.14.9.18 (MSH-18), table 0211; 2.7.4 (hexadecimal data).
#pragma once

#include <optional>

#include "engine/core/body.h"
#include "engine/core/result.h"
#include "engine/formats/encoding/converter.h"

namespace causeway::hl7v2 {

struct Conversion {
  const encoding::CharacterSet* from = nullptr;  ///< Null: as MSH-18 says.
  const encoding::CharacterSet* to = nullptr;    ///< Not null.
};

struct Converted {
  Bytes bytes;  ///< MSH-18 names the new set. The same bytes if there was nothing to do.
  encoding::Losses losses;
  std::string first_loss;  ///< The segment that it is in: "OBX[3]"; content of no message.
};

Result<Converted> convert_message(const Bytes& message, const Conversion& conversion);

/// Keeps the converters it has made, for messages of one feed. Not thread-safe.
class MessageConverter {
 public:
  explicit MessageConverter(Conversion conversion) : conversion_(conversion) {}
  Result<Converted> convert(const Bytes& message);

 private:
  Result<const encoding::CharacterSet*> set_of(std::string_view bytes) const;
  Result<Converted> convert_narrow(const Bytes& message, const encoding::CharacterSet& from,
                                   const encoding::CharacterSet& to);
  Result<Converted> convert_wide(const Bytes& message, const encoding::CharacterSet& from);
  Result<encoding::Converter*> converter(const encoding::CharacterSet& from,
                                         const encoding::CharacterSet& to);

  const Conversion conversion_;
  const encoding::CharacterSet* made_from_ = nullptr;
  const encoding::CharacterSet* made_to_ = nullptr;
  std::optional<encoding::Converter> made_;
};

}  // namespace causeway::hl7v2
