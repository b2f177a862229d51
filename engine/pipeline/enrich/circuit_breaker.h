// Spares runs the wait for who doesn't answer: after several look-ups of a stage in a row have
// failed, nobody is asked for a while; then one is let through, and decides for the others.
//
// Thread-safe. A look-up that `may_ask` has let through ends with `answered` or `failed`.
#pragma once

#include <mutex>

#include "engine/core/ids.h"

namespace causeway::pipeline {

class CircuitBreaker {
 public:
  static constexpr int failures_until_open = 5;
  static constexpr auto open_for = std::chrono::seconds(3);

  bool may_ask(SteadyTime now);
  void answered();
  void failed(SteadyTime now);
  bool is_open() const;

 private:
  mutable std::mutex mutex_;
  int failures_ = 0;  // in a row; guarded by mutex_, as all below
  SteadyTime again_at_{};
};

}  // namespace causeway::pipeline
