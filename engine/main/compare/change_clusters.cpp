#include "engine/main/compare/change_clusters.h"

#include <algorithm>
#include <set>

namespace causeway {

void ChangeClusters::add(MessageId message, const std::vector<Change>& changes) {
  std::lock_guard lock(mutex_);
  ++compared_;
  if (changes.empty()) return;
  ++changed_;
  std::set<Key> seen;  // of several in one message, the message counts once
  for (const auto& change : changes) {
    Key key{change.kind, change.destination, change.what};
    if (!seen.insert(key).second) continue;
    if (clusters_.size() >= clusters_max && !clusters_.contains(key)) {
      more_ = true;
      continue;
    }
    auto& cluster = clusters_[std::move(key)];
    if (cluster.messages++ > 0) continue;
    cluster.change = change;
    cluster.example = message;
  }
}

ChangeClusters::Summary ChangeClusters::summary() const {
  std::lock_guard lock(mutex_);
  Summary summary{compared_, changed_, {}, more_};
  for (const auto& [key, cluster] : clusters_) summary.clusters.push_back(cluster);
  std::stable_sort(summary.clusters.begin(), summary.clusters.end(),
                   [](const auto& a, const auto& b) { return a.messages > b.messages; });
  return summary;
}

}  // namespace causeway
