// Connects from a thread that may wait, for libraries that own their threads.
//
// Not on the loop's thread. Errors: those of Dial; Stopped, soon after `stop` is set.
#pragma once

#include <atomic>

#include "connectors/support/dial.h"

namespace causeway::connectors {

/// A connected socket that doesn't block.
Result<Socket> dial_and_wait(EventLoop& loop, const Dial::Target& target,
                             const std::atomic<bool>& stop);

}  // namespace causeway::connectors
