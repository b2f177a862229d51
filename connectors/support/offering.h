// Records on their way into the intake: a bounded number at once, each awaited.
//
// Used by one thread, which it blocks while the window is full or the intake wants no more; the
// receipts come from other threads, also after it is gone. Errors: Stopped; Unavailable and the
// like, where a record could not be stored for a passing reason: it is then to be read again.
#pragma once

#include <atomic>
#include <memory>

#include "engine/core/intake.h"

namespace causeway::connectors {

/// Records, and their bytes, offered and not yet committed.
inline constexpr std::size_t offered_max = 512;
inline constexpr std::size_t refused_listed_max = 10'000;
inline constexpr std::size_t offered_bytes_max = 8 * 1024 * 1024;

class Offering {
 public:
  struct Switches {
    std::atomic<bool> held{false};  ///< While set, nothing is offered.
    std::atomic<bool> stop{false};  ///< Nothing more is offered; receipts are still waited for.
    std::atomic<bool> cut{false};   ///< Nothing is waited for.
  };

  Offering(Intake& intake, const Switches& switches);

  Status offer(Draft draft, std::uint64_t record);
  /// Waits until every record is stored or refused.
  Status finish();

  struct Tally {
    std::uint64_t stored = 0;
    std::uint64_t again = 0;    ///< Of those: were there from an earlier reading.
    std::uint64_t refused = 0;  ///< Can't be stored, for what they are.
    std::uint64_t first_refused = 0;
    std::vector<std::uint64_t> refused_records;  ///< The first `refused_listed_max`.
    ErrorKind why = ErrorKind::None;             ///< Of the first.
  };
  Tally tally() const;

 private:
  struct State;
  Status wait_for_room(std::size_t size);

  Intake& intake_;
  const Switches& switches_;
  const std::shared_ptr<State> state_;
};

}  // namespace causeway::connectors
