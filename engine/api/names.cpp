#include "engine/api/names.h"

#include <algorithm>

#include "engine/security/caller.h"

namespace causeway::api {

Status Names::load() {
  auto channels = registry_.channels();
  if (!channels) return channels.error();
  auto destinations = registry_.destinations();
  if (!destinations) return destinations.error();
  std::lock_guard lock(mutex_);
  for (auto& channel : *channels) channels_[channel.id] = channel.path;
  for (auto& destination : *destinations) destinations_[destination.id] = destination;
  return Done{};
}

std::string Names::channel(ChannelId id) {
  for (const bool last : {false, true}) {
    {
      std::lock_guard lock(mutex_);
      if (auto at = channels_.find(id); at != channels_.end()) return at->second;
    }
    if (last || !load()) break;
  }
  return "channel " + std::to_string(id.value);
}

std::string Names::destination(DestinationId id) {
  if (!id) return "run";
  for (const bool last : {false, true}) {
    {
      std::lock_guard lock(mutex_);
      if (auto at = destinations_.find(id); at != destinations_.end()) return at->second.name;
    }
    if (last || !load()) break;
  }
  return "destination " + std::to_string(id.value);
}

std::map<ChannelId, std::string> Names::channels() {
  std::lock_guard lock(mutex_);
  return channels_;
}

std::map<DestinationId, store::DestinationEntry> Names::destinations() {
  std::lock_guard lock(mutex_);
  return destinations_;
}

std::optional<WorkQueue> Names::queue(std::string_view channel, std::string_view destination) {
  std::lock_guard lock(mutex_);
  WorkQueue found;
  for (const auto& [id, path] : channels_)
    if (path == channel) found.channel = id;
  if (!found.channel) return std::nullopt;
  if (destination == "run") return found;
  for (const auto& [id, entry] : destinations_)
    if (entry.channel == found.channel && entry.name == destination) found.destination = id;
  if (!found.destination) return std::nullopt;
  return found;
}

std::vector<ChannelId> Names::channels_in(std::string_view path,
                                          const std::vector<std::string>& scopes) {
  std::lock_guard lock(mutex_);
  std::vector<ChannelId> found;
  for (const auto& [id, each] : channels_)
    if (security::covers(path, each) &&
        std::any_of(scopes.begin(), scopes.end(),
                    [&, name = std::string_view(each)](const auto& scope) {
                      return security::covers(scope, name);
                    }))
      found.push_back(id);
  return found;
}

}  // namespace causeway::api
