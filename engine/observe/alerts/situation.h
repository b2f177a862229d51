// What alert rules look at: how an engine is at one moment. No content of messages. Plain values.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/metrics.h"

namespace causeway::observe {

struct DestinationSituation {
  std::string name;
  bool down = false;
  std::uint64_t lanes_held = 0;
  std::optional<SystemTime> oldest;  ///< Since when the longest has been waiting.
};

struct ChannelSituation {
  std::string path;
  bool working = true;                      ///< Started, not paused or stopped by a person.
  std::string failure;                      ///< Why it can't work, in words; empty: it can.
  std::optional<SystemTime> last_received;  ///< Also before the engine's start, where known.
  std::uint64_t runs_held = 0;
  std::optional<SystemTime> oldest_run;
  std::vector<DestinationSituation> destinations;
  /// Since the engine's start.
  std::uint64_t received = 0, failed = 0;
  using Commits = std::array<std::uint64_t, Histogram::buckets + 1>;
  Commits commits{};  ///< By how long they took: buckets of Histogram.
};

struct CertificateSituation {
  std::string channel;  ///< Empty: the engine's own.
  std::string what;     ///< "lab/oru_in source certificate_file"
  SystemTime expires;
};

struct Situation {
  SystemTime at;
  SteadyTime steady;
  SystemTime engine_started;
  bool unclean_start = false;  ///< What ran before did not end cleanly.
  std::vector<ChannelSituation> channels;
  std::vector<CertificateSituation> certificates;
  std::uint64_t disk_bytes = 0, disk_free = 0;  ///< Of the data folder. 0 bytes: not known.
};

}  // namespace causeway::observe
