#include "engine/pipeline/enrich/circuit_breaker.h"

namespace causeway::pipeline {

bool CircuitBreaker::may_ask(SteadyTime now) {
  std::lock_guard lock(mutex_);
  if (failures_ < failures_until_open) return true;
  if (now < again_at_) return false;
  again_at_ = now + open_for;  // this one tries; the others wait for what it finds
  return true;
}

void CircuitBreaker::answered() {
  std::lock_guard lock(mutex_);
  failures_ = 0;
}

void CircuitBreaker::failed(SteadyTime now) {
  std::lock_guard lock(mutex_);
  if (failures_ < failures_until_open) ++failures_;
  again_at_ = now + open_for;
}

bool CircuitBreaker::is_open() const {
  std::lock_guard lock(mutex_);
  return failures_ >= failures_until_open;
}

}  // namespace causeway::pipeline
