// Places in memory, for tests of sources. Thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "engine/core/places.h"

namespace causeway::testing {

class MemoryPlaces final : public Places {
 public:
  Result<std::optional<std::string>> place(const PlaceName& name) override {
    std::lock_guard lock(mutex_);
    const auto found = places_.find({name.channel, name.source});
    if (found == places_.end()) return std::optional<std::string>();
    return std::optional(found->second);
  }
  Status keep(const PlaceName& name, std::string_view place) override {
    std::lock_guard lock(mutex_);
    if (away_) return Error{ErrorKind::Unavailable, "", "the store is away"};
    places_[{name.channel, name.source}] = place;
    return Done{};
  }
  void go_away(bool away) {
    std::lock_guard lock(mutex_);
    away_ = away;
  }
  std::size_t count() const {
    std::lock_guard lock(mutex_);
    return places_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::string> places_;
  bool away_ = false;
};

}  // namespace causeway::testing
