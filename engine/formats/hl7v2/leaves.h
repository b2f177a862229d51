// A segment taken apart down to its values, in one pass.
//
// Pure; views into the message, which hold until its next edit. Time and room are linear in the
// segment. Standard: HL7 v2.x chapter 2.5.3 (fields, components, subcomponents, repetitions).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {

/// A value that is not empty, and where it stands: all numbers count from 1. "A" of "|A|" is the
/// first subcomponent of the first component of the first repetition.
struct Leaf {
  int field = 0, repetition = 1, component = 1, subcomponent = 1;
  bool repeats = false;   ///< The field has several repetitions.
  bool divided = false;   ///< The repetition has several components.
  bool parted = false;    ///< The component has several subcomponents.
  bool verbatim = false;  ///< MSH-1 and MSH-2: the delimiters themselves.
  std::string_view raw, scanned;
};

std::vector<Leaf> leaves_of(const Message& message, std::size_t segment);

/// With escape sequences decoded.
std::string decoded(const Leaf& leaf, const Delimiters& delimiters);

/// Levels that nothing is divided by are left out: "PID-3", and not "PID[1]-3[1].1.1".
Path path_of(const Leaf& leaf, std::string_view segment, int segment_index);

}  // namespace causeway::hl7v2
