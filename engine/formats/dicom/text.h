// Text of a data set: from the character sets that SpecificCharacterSet names to UTF-8, and back.
//
// Code extensions (ISO 2022 escape sequences) are followed. Bytes that mean nothing become U+FFFD;
// an unknown set is read as UTF-8 if the text is that, else as ISO 8859-1. Not thread-safe.
// Standard: DICOM PS3.5 section 6.1, annexes H, I, J, K; PS3.3 section C.12.1.1.2.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/formats/dicom/encoding.h"

namespace causeway::dicom {

class TextCodec {
 public:
  /// The value of SpecificCharacterSet as it stands ("\\ISO 2022 IR 87"); empty: ASCII.
  explicit TextCodec(std::string_view character_sets);
  ~TextCodec();
  TextCodec(TextCodec&&) noexcept;
  TextCodec& operator=(TextCodec&&) noexcept;

  std::string decode(std::string_view bytes, Vr kind);
  /// Invalid: a character has no place in the sets.
  Result<std::string> encode(std::string_view utf8, Vr kind);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace causeway::dicom
