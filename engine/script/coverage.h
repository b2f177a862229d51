// Which lines of scripts have run, for the tests of channels. Costs every script time, so it is for
// a process that does nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace causeway::script {

/// Before the process runs its first script.
void enable_coverage();
bool is_coverage_enabled();

/// File ("transform.js", "lib:…") to line to how often it ran, of all scripts that this thread has
/// loaded and not forgotten. Lines without code are not in it.
std::map<std::string, std::map<int, std::uint64_t>> coverage_of_this_thread();

/// Forgets scripts whose instances are gone.
void forget_coverage();

}  // namespace causeway::script
