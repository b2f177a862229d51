// ERR segments that name the places of findings, for the answer to a message that is rejected.
// They say where and which rule, never what stands there. Pure; thread-safe.
// Standard: HL7 v2.x chapter 2.15.5 (ERR): ERR-1 up to 2.4, ERR-2 to ERR-8 from 2.5; table 0357.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/hl7v2/message.h"
#include "engine/formats/hl7v2/validate/finding.h"

namespace causeway::hl7v2 {

inline constexpr std::size_t error_segments_max = 20;

/// One segment (without end) for each finding that rejects, from 2.5; before that one segment with
/// all of them. In these delimiters.
std::vector<std::string> error_segments(const std::vector<Finding>& findings,
                                        std::string_view version, const Delimiters& delimiters);

/// An answer with its ERR segments replaced by these, or with them after MSA; as it is if it has no
/// MSA.
std::string with_error_segments(std::string answer, const std::vector<std::string>& segments);

}  // namespace causeway::hl7v2
