// What the registry knows of a kind of connector: its name, its fields, and how to make its ends.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/config/fields.h"
#include "engine/core/clock.h"
#include "engine/core/log.h"
#include "engine/core/metrics.h"
#include "engine/core/places.h"
#include "engine/core/secrets.h"
#include "engine/core/sink.h"
#include "engine/core/source.h"
#include "engine/core/store.h"

namespace causeway::connectors {

class EventLoop;

/// What a connector gets from the engine besides its config. Outlives every connector.
struct Environment {
  EventLoop& loop;
  const Clock& clock;
  Log& log;
  Metrics& metrics;
  /// Where bodies above limits::inline_body_bytes go. nullptr: they are handed on inline, and a
  /// staged one can't be sent. Blocks: never used on the loop's thread.
  BodyStaging* staging = nullptr;
  /// Asked right before the first byte of a try leaves, whatever it has waited for inside: false,
  /// another engine may have taken over, and the try ends as Deferred(Stopped). Cheap; any thread.
  std::function<bool()> may_send = [] { return true; };
  /// What "secret:NAME" stands for. nullptr: a field that names one can't be used.
  const Secrets* secrets = nullptr;
  /// Where sources keep how far they have read. Blocks: never used on the loop's thread. nullptr:
  /// nothing is kept.
  Places* places = nullptr;
};

/// Which end of which channel this is, for logs, metrics and thread names.
struct Name {
  std::string channel;
  std::string end;  ///< "source", or the destination's name.
};

struct Kind {
  std::string_view name;                          ///< As in "type": "mllp".
  std::string_view summary;                       ///< One sentence, for the reference page.
  const config::Fields* source_fields = nullptr;  ///< nullptr: it has no source.
  const config::Fields* sink_fields = nullptr;
  Result<std::unique_ptr<Source>> (*make_source)(const config::Parsed&, const Name&,
                                                 const Environment&) = nullptr;
  Result<std::unique_ptr<Sink>> (*make_sink)(const config::Parsed&, const Name&,
                                             const Environment&) = nullptr;
};

}  // namespace causeway::connectors
