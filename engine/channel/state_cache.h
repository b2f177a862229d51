// The states of a channel's lanes in memory: what has been handed to the journal and may not be
// committed yet, and what was read or written lately. A lane's runs follow one another, so nobody
// else changes a value between a run's read and its passage.
//
// Thread-safe: one mutex, not held while the store is read. Reader and hash outlive it.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/core/lane_state.h"
#include "engine/core/store.h"

namespace causeway::channel {

class StateCache final : public LaneStates {
 public:
  StateCache(ChannelId channel, WorkReader& reader, const KeyedHash& hash)
      : channel_(channel), reader_(reader), hash_(hash) {}

  /// Called by the run that has its turn in this lane; blocks on the store if it isn't in memory.
  Result<std::optional<std::string>> read(std::uint64_t lane, std::string_view name) override;

  /// The rows for changes of a run in this lane.
  std::vector<StateRow> rows_of(std::uint64_t lane, std::vector<StateChange> changes) const;
  /// They are about to be handed to the journal: the lane's next run sees them.
  void written(const std::vector<StateRow>& rows);
  /// The journal has answered. Not stored: what the store has holds again. Values don't matter.
  void answered(const std::vector<StateRow>& rows, bool stored);

 private:
  struct Place {
    std::uint64_t lane = 0;
    std::uint64_t key = 0;
    bool operator==(const Place&) const = default;
  };
  struct PlaceHash {
    std::size_t operator()(const Place& place) const {
      return place.lane ^ place.key * 0x9E3779B97F4A7C15u;
    }
  };
  struct Entry {
    std::optional<std::string> value;
    int on_the_way = 0;  // passages that are not answered yet; then it is not forgotten
    std::list<Place>::iterator age;
  };

  std::uint64_t key_of(std::string_view name) const;
  Entry& touch(const Place& place);
  void put(Entry& entry, std::optional<std::string> value);
  void forget(const Place& place);
  void make_room();

  const ChannelId channel_;
  WorkReader& reader_;
  const KeyedHash& hash_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::unordered_map<Place, Entry, PlaceHash> entries_;
  std::list<Place> ages_;  // the latest used first
  std::size_t bytes_ = 0;
};

}  // namespace causeway::channel
