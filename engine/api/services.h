// What the resources work with. References; what they name outlives the API. Thread-safe as its
// parts are.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/api/events.h"
#include "engine/api/reads.h"
#include "engine/api/trials.h"
#include "engine/api/uploads.h"
#include "engine/channel/control.h"
#include "engine/channel/holding.h"
#include "engine/channel/mending.h"
#include "engine/core/clock.h"
#include "engine/core/failure.h"
#include "engine/core/log.h"
#include "engine/core/metrics.h"
#include "engine/observe/alerts/alerting.h"
#include "engine/security/audit.h"
#include "engine/security/audit_verify.h"
#include "engine/security/identity.h"

namespace causeway::api {

/// One part of the engine, for /api/monitoring/health. Without secrets and without names of
/// channels.
struct Component {
  std::string name;  ///< "store"
  bool good = true;
  std::string text;  ///< What is not good; empty if all is well.
  std::chrono::microseconds latency{0};
};

struct Replays {
  ReplayStore& tasks;
  std::function<void()> wake;  ///< Something was added or changed.
  TrialRun try_run;
};

struct Services {
  const Clock& clock;
  Log& log;
  Metrics& metrics;
  Events& events;
  Reads reads;
  security::Identity& identity;
  security::Audit& audit;
  AuditStore& audit_rows;
  std::function<Result<security::AuditVerdict>()> verify_audit;
  channel::Mending& mending;
  channel::Holding& holding;
  std::function<std::vector<Component>()> components;
  std::function<void()> before_metrics;  ///< Brings gauges up to date.
  channel::Control& channels;
  Replays replays;
  FailureStore& failures;
  observe::Alerting& alerting;
  /// Offers a message to a channel, until it is stored. NotFound: it doesn't run.
  std::function<Result<Receipt>(const std::string& channel, Draft)> offer;
  Uploads& uploads;
  /// A body of this content; large ones are staged. Blocks on the store.
  std::function<Result<Body>(std::string_view)> keep_content;
};

}  // namespace causeway::api
