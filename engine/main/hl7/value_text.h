// Values of one message as UTF-8, for people: from its character set, control characters visible.
// Bytes that mean nothing in the set are shown as \X..\. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/formats/encoding/converter.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway {

class ValueText {
 public:
  /// `set` overrules MSH-18. What declares no set, or one that isn't known, is read as UTF-8.
  ValueText(const hl7v2::Message& message, const encoding::CharacterSet* set);

  std::string utf8(std::string_view bytes);
  /// On one line of a terminal, where it can do no harm.
  std::string shown(std::string_view bytes);
  static std::string shown_utf8(std::string_view text);

 private:
  std::optional<encoding::Converter> converter_;
};

}  // namespace causeway
