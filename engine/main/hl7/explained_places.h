// The places of a segment with what they are called and what their codes mean. Pure; views into the
// grammar.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/formats/hl7v2/grammar/segment_words.h"

namespace causeway {

/// A place with a value, or one that is divided and whose parts follow.
struct ExplainedPlace {
  std::string path;
  int level = 0;  ///< 0: field, 1: component, 2: subcomponent.
  hl7v2::PlaceWords words;
  std::optional<std::string> value;  ///< Decoded, in the message's character set.
  std::string_view meaning;          ///< Of a code of a standard table.
};

/// Of the segment at `index`, which is the `number`th of its name.
std::vector<ExplainedPlace> explained_places(const hl7v2::Message& message, std::size_t index,
                                             int number, const hl7v2::SegmentWords& words);

}  // namespace causeway
