// What a channel works with. All outlive it.
#pragma once

#include "engine/core/clock.h"
#include "engine/core/executor.h"
#include "engine/core/log.h"
#include "engine/core/metrics.h"
#include "engine/core/store.h"
#include "engine/core/transformation.h"

namespace causeway::channel {

struct Ports {
  Journal& journal;
  WorkReader& reader;
  BodyStaging& staging;
  const KeyedHash& keyed_hash;
  RunWorkers& workers;
  Executor& executor;
  const Clock& clock;
  Log& log;
  Metrics& metrics;
};

}  // namespace causeway::channel
