// An engine: everything that `causeway serve` runs besides PostgreSQL, constructed in order,
// started, and stopped in the opposite order. Used by one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "engine/config/environment.h"
#include "engine/core/log.h"
#include "engine/core/metrics.h"
#include "engine/core/result.h"

namespace causeway {

inline constexpr int default_api_port = 8442;

struct EngineOptions {
  std::filesystem::path data_folder;
  std::filesystem::path channels_folder;   ///< Empty: what the store says is deployed.
  std::filesystem::path mappings_folder;   ///< Empty: as mappings_folder() finds it.
  std::filesystem::path alerts_file;       ///< Empty: alerts.json beside the channels.
  std::filesystem::path environment_file;  ///< Empty: the variables of the process.
  std::string database;                    ///< libpq's words.
  int node = 1;
  int metrics_port = -1;  ///< On loopback; 0: any free one; -1: none.
  int api_port = -1;      ///< 0: any free one; -1: the usual one, or any free one if that is taken.
  std::string listen;     ///< An address for the API beyond loopback, by TLS.
  std::string tls_certificate, tls_key;  ///< For `listen`: PEM files.
  unsigned workers = 0;                  ///< 0: one per processor.
  bool standby = false;                  ///< Wait for another engine's lease instead of refusing.
};

class EngineProcess {
 public:
  EngineProcess(EngineOptions options, Log& log);
  ~EngineProcess();

  /// Blocks until channels are started. Invalid: the channels have problems (all are logged).
  Status start();
  /// What listens where, for people; after `start`.
  std::string summary() const;
  /// False once it can't go on: the lease is lost.
  bool healthy() const;
  /// To be called several times a second.
  void keep_up();
  void stop();

 private:
  struct Parts;
  void look_at_hold();
  void update_gauges();
  std::string trouble() const;
  std::string channels_trouble() const;
  std::size_t channels_in_trouble() const;
  void make_alerting(const config::EnvironmentValues& environment, bool unclean);
  Status start_api();

  EngineOptions options_;
  Log& log_;
  Metrics metrics_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace causeway
