// Asks an archive whether it is there (C-ECHO), and hangs up: what `probe` of a sink does.
// Standard: DICOM PS3.4 annex A.
#pragma once

#include "connectors/dicom/fields.h"
#include "connectors/support/event_loop.h"
#include "engine/core/source.h"

namespace causeway::connectors::dicom {

/// Blocks up to the connect time-out; from any thread but the loop's.
Probe echo(EventLoop& loop, const SinkSettings& settings);

}  // namespace causeway::connectors::dicom
