// How two HL7 v2 messages differ, by segment and field, as `causeway test` tells it. Pure.
#pragma once

#include <optional>

#include "engine/main/authoring/difference.h"

namespace causeway {

/// Values as they stand. Nullopt: one of them has no readable MSH.
std::optional<std::vector<Difference>> hl7_differences(std::string_view expected,
                                                       std::string_view actual,
                                                       const std::vector<std::string>& mask);

}  // namespace causeway
