#include "engine/core/clock.h"

namespace causeway {

SystemTime MachineClock::now() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

SteadyTime MachineClock::steady() const {
  return std::chrono::steady_clock::now();
}

}  // namespace causeway
