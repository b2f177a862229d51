#include "engine/channel/state_cache.h"

#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

/// What an entry takes beside its value.
constexpr std::size_t entry_bytes = 128;

std::size_t weight(const std::optional<std::string>& value) {
  return entry_bytes + (value ? value->size() : 0);
}

}  // namespace

std::uint64_t StateCache::key_of(std::string_view name) const {
  return hash_.hash("script state", name);
}

Result<std::optional<std::string>> StateCache::read(std::uint64_t lane, std::string_view name) {
  const Place place{lane, key_of(name)};
  {
    std::lock_guard lock(mutex_);
    if (entries_.contains(place)) return touch(place).value;
  }
  auto stored = reader_.state(channel_, lane, place.key);
  if (!stored) return stored;
  std::lock_guard lock(mutex_);
  put(touch(place), *stored);
  make_room();
  return stored;
}

std::vector<StateRow> StateCache::rows_of(std::uint64_t lane,
                                          std::vector<StateChange> changes) const {
  std::vector<StateRow> rows;
  for (auto& change : changes) {
    const auto key = key_of(change.name);
    rows.push_back({lane, key, std::move(change)});
  }
  return rows;
}

void StateCache::written(const std::vector<StateRow>& rows) {
  if (rows.empty()) return;
  std::lock_guard lock(mutex_);
  for (const auto& row : rows) {
    auto& entry = touch({row.lane, row.key});
    put(entry, row.change.value);
    ++entry.on_the_way;
  }
  make_room();
}

void StateCache::answered(const std::vector<StateRow>& rows, bool stored) {
  if (rows.empty()) return;
  std::lock_guard lock(mutex_);
  for (const auto& row : rows) {
    const Place place{row.lane, row.key};
    auto& entry = entries_.at(place);
    if (--entry.on_the_way == 0 && !stored) forget(place);
  }
  make_room();
}

StateCache::Entry& StateCache::touch(const Place& place) {
  auto [at, is_new] = entries_.try_emplace(place);
  auto& entry = at->second;
  if (is_new) {
    entry.age = ages_.insert(ages_.begin(), place);
    bytes_ += weight(entry.value);
  } else {
    ages_.splice(ages_.begin(), ages_, entry.age);
  }
  return entry;
}

void StateCache::put(Entry& entry, std::optional<std::string> value) {
  bytes_ = bytes_ - weight(entry.value) + weight(value);
  entry.value = std::move(value);
}

void StateCache::forget(const Place& place) {
  auto at = entries_.find(place);
  bytes_ -= weight(at->second.value);
  ages_.erase(at->second.age);
  entries_.erase(at);
}

void StateCache::make_room() {
  for (auto oldest = ages_.end(); bytes_ > limits::state_cache_bytes && oldest != ages_.begin();) {
    const auto place = *--oldest;
    if (entries_.at(place).on_the_way > 0) continue;
    ++oldest;
    forget(place);
  }
}

}  // namespace causeway::channel
