// One element's value: from its bytes to what people and scripts work with, and back.
//
// Pure, apart from the codec. Errors: Invalid, Limit; without a place.
// Standard: DICOM PS3.5 sections 6.2 and 6.4.
#pragma once

#include <variant>
#include <vector>

#include "engine/core/result.h"
#include "engine/formats/dicom/text.h"

namespace causeway::dicom {

/// Text in UTF-8 without its padding, or a number. 64-bit whole numbers are text, since a double
/// can't hold them; so are tags (AT): "00100010".
using Value = std::variant<std::string, double>;

/// Whether values of this kind can be read and written as text or numbers.
bool has_values(Vr kind);

std::vector<Value> decode_values(std::string_view bytes, Vr kind, Encoding encoding,
                                 TextCodec& codec);
/// Padded to an even length.
Result<std::string> encode_values(const std::vector<Value>& values, Vr kind, Encoding encoding,
                                  TextCodec& codec);
std::string padded(std::string bytes, Vr kind);

/// As text, numbers too.
std::string to_text(const Value& value);

}  // namespace causeway::dicom
