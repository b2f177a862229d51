#include "connectors/support/intake_gate.h"

namespace causeway::connectors {
namespace {

/// The intake doesn't say when it wants more again.
constexpr Milliseconds resume_after{5};
constexpr Milliseconds resume_after_pause{50};

}  // namespace

void IntakeGate::close() {
  loop_.cancel(timer_);
  timer_ = 0;
  intake_ = nullptr;
}

void IntakeGate::look_again() {
  if (timer_ != 0 || !intake_) return;
  timer_ = loop_.after(paused_ ? resume_after_pause : resume_after, [this] {
    timer_ = 0;
    on_room_();
  });
}

}  // namespace causeway::connectors
