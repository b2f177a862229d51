#include "connectors/support/deadline.h"

namespace causeway::connectors {

void Deadline::set(Milliseconds from_now) {
  at_ = std::chrono::steady_clock::now() + from_now;
  if (timer_ != 0 && timer_at_ <= at_) return;
  loop_.cancel(timer_);
  timer_at_ = at_;
  timer_ = loop_.after(from_now, [this] { run_out(); });
}

void Deadline::run_out() {
  timer_ = 0;
  const auto left = at_ - std::chrono::steady_clock::now();
  if (left <= Milliseconds(0)) return on_over_();
  timer_at_ = at_;
  timer_ = loop_.after(std::chrono::ceil<Milliseconds>(left), [this] { run_out(); });
}

}  // namespace causeway::connectors
