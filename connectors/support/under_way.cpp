#include "connectors/support/under_way.h"

namespace causeway::connectors {

void UnderWay::begin() {
  std::lock_guard lock(mutex_);
  ++count_;
}

void UnderWay::end() {
  std::lock_guard lock(mutex_);
  if (--count_ == 0) none_.notify_all();
}

std::size_t UnderWay::count() const {
  std::lock_guard lock(mutex_);
  return count_;
}

void UnderWay::wait_for_none(Milliseconds longest) {
  std::unique_lock lock(mutex_);
  none_.wait_for(lock, longest, [this] { return count_ == 0; });
}

}  // namespace causeway::connectors
