#include "engine/security/lockout.h"

namespace causeway::security {

Milliseconds lockout_after(int failures) {
  if (failures <= failures_free) return Milliseconds(0);
  const int doublings = std::min(failures - failures_free - 1, 20);
  return std::min<Milliseconds>(Milliseconds(1000LL << doublings), lockout_longest);
}

SystemTime UnknownNames::locked_until(const std::string& name) {
  std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? SystemTime() : found->second->locked_until;
}

void UnknownNames::failed(const std::string& name, SystemTime now) {
  std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    newest_first_.splice(newest_first_.begin(), newest_first_, found->second);
  } else {
    if (newest_first_.size() == names_max) {
      by_name_.erase(newest_first_.back().name);
      newest_first_.pop_back();
    }
    newest_first_.push_front({name, 0, {}});
    by_name_[name] = newest_first_.begin();
  }
  auto& entry = newest_first_.front();
  entry.locked_until = now + lockout_after(++entry.failures);
}

}  // namespace causeway::security
