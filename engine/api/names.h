// Names of channels and destinations by their numbers, and which channels a caller's scopes cover.
// Thread-safe: one mutex; a number that isn't known yet is asked of the store, without it.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/work.h"
#include "engine/store/queries/registry.h"

namespace causeway::api {

class Names {
 public:
  explicit Names(store::Registry& registry) : registry_(registry) {}

  /// Reads all there are. Called by itself when something unknown is asked for.
  Status load();

  std::string channel(ChannelId id);
  std::string destination(DestinationId id);  ///< "run" for 0.
  std::map<ChannelId, std::string> channels();
  std::map<DestinationId, store::DestinationEntry> destinations();
  /// A channel's queue by the name of its destination, or "run"; nullopt: there is none.
  std::optional<WorkQueue> queue(std::string_view channel, std::string_view destination);
  /// The channels that are `path` or in this folder, as far as `scopes` cover them. Path empty:
  /// all.
  std::vector<ChannelId> channels_in(std::string_view path, const std::vector<std::string>& scopes);

 private:
  store::Registry& registry_;
  std::mutex mutex_;
  std::map<ChannelId, std::string> channels_;                      // guarded by mutex_
  std::map<DestinationId, store::DestinationEntry> destinations_;  // guarded by mutex_
};

}  // namespace causeway::api
