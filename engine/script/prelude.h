// What makes a realm pure, as JavaScript that is run in it before any module: takes away the clock,
// random numbers, locale, shared memory and weak references, and freezes all that is left.
// Internal to this folder.
#pragma once

#include <string_view>

namespace causeway::script {

extern const std::string_view prelude;
/// As it is called in stacks of calls.
inline constexpr std::string_view prelude_name = "(prelude)";

}  // namespace causeway::script
