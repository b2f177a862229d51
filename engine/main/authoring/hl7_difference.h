// How two HL7 v2 messages differ, by segment and field. Pure.
//
// Segments are paired in order, by their name; then fields, repetitions, components and
// subcomponents by their number. Standard: HL7 v2.x chapter 2.5.
#pragma once

#include "engine/main/authoring/difference.h"

namespace causeway {

/// By lines, if one of them has no readable MSH.
std::vector<Difference> hl7_differences(std::string_view expected, std::string_view actual,
                                        const std::vector<std::string>& mask);

}  // namespace causeway
