// What an enrich stage asks: a table in a file, a server, a database. Behind each is the adapter of
// one library.
//
// Thread-safe: all instances of a stage share one. Blocks, for as long as it is allowed to.
// Error texts say what went wrong and hold nothing of request or answer.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "engine/config/channel_config.h"
#include "engine/core/metrics.h"
#include "engine/core/secrets.h"

namespace causeway::pipeline {

/// What look-ups need of the engine.
struct LookupEnvironment {
  /// Where nobody may be asked (tests, comparisons): recorded answers are all there is.
  bool asks = true;
  const Secrets* secrets = nullptr;  ///< Outlives the pipeline.
  Metrics* metrics = nullptr;        ///< Likewise; nullptr: nothing is counted.
  /// Set when the engine ends: what waits gives up. May be null.
  std::shared_ptr<const std::atomic<bool>> stopping = nullptr;
  bool is_stopping() const { return stopping && stopping->load(std::memory_order_relaxed); }
};

class Lookup {
 public:
  virtual ~Lookup() = default;
  /// Request and answer as JSON. Unavailable, TimedOut: may be tried again; any other error would
  /// come again. `deadline` bounds this try.
  virtual Result<std::string> ask(const config::Value& request, SteadyTime deadline) = 0;
};

/// Connects to nothing yet. Errors: Invalid (settings that can't work), those of Secrets::value.
Result<std::unique_ptr<Lookup>> make_lookup(const config::EnrichConfig& config,
                                            const LookupEnvironment& environment);

/// What is wrong with its settings, as far as it shows without asking; also where the values of the
/// environment aren't known.
Status check_lookup(const config::EnrichConfig& config);

// By kind.
Status check_http_lookup(const config::EnrichConfig& config);
Result<std::unique_ptr<Lookup>> make_table_lookup(const config::EnrichConfig& config);
Result<std::unique_ptr<Lookup>> make_http_lookup(const config::EnrichConfig& config,
                                                 const LookupEnvironment& environment);
Result<std::unique_ptr<Lookup>> make_sql_lookup(const config::EnrichConfig& config,
                                                const LookupEnvironment& environment);

/// The value of a field that was declared secret; empty if it isn't given.
Result<std::string> secret_of(const config::EnrichConfig& config, std::string_view field,
                              const LookupEnvironment& environment);
/// An answer that is larger than the stage allows.
Error answer_too_large(const config::EnrichConfig& config);

}  // namespace causeway::pipeline
