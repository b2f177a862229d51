// The clock port: the only way to learn the time. Implementations are thread-safe.
#pragma once

#include "engine/core/ids.h"

namespace causeway {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual SystemTime now() const = 0;     ///< Wall clock, UTC; may jump.
  virtual SteadyTime steady() const = 0;  ///< Never jumps; for waits and leases.
};

/// The machine's clocks.
class MachineClock final : public Clock {
 public:
  SystemTime now() const override;
  SteadyTime steady() const override;
};

}  // namespace causeway
