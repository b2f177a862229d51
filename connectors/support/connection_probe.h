// Connects (with TLS, if so), says how it went, and hangs up: what `probe` of a sink does.
#pragma once

#include "connectors/support/dial.h"
#include "connectors/support/tls.h"
#include "engine/core/source.h"

namespace causeway::connectors {

/// Blocks up to the target's timeout; from any thread but the loop's.
Probe probe_connection(EventLoop& loop, const Dial::Target& target,
                       std::shared_ptr<const TlsContext> tls);

}  // namespace causeway::connectors
