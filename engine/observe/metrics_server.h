// Serves GET /metrics (Prometheus text format) and GET /health (200 or 503) over HTTP on loopback.
// Content of messages is in neither. Thread-safe; has threads of its own, at most 2.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/core/metrics.h"
#include "engine/core/result.h"

namespace causeway::observe {

class MetricsServer {
 public:
  /// `before` is called before metrics are exposed, to bring gauges up to date. `health` returns an
  /// empty text if all is well, else what is not.
  MetricsServer(Metrics& metrics, std::function<void()> before,
                std::function<std::string()> health);
  ~MetricsServer();

  /// Port 0: any free one.
  Status start(int port);
  int port() const;
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace causeway::observe
