#include "engine/pipeline/enrich/lookup_cache.h"

namespace causeway::pipeline {

Bytes LookupCache::find(const std::string& request, SteadyTime now) {
  if (age_.count() == 0) return nullptr;
  std::lock_guard lock(mutex_);
  const auto found = by_request_.find(request);
  if (found == by_request_.end()) return nullptr;
  if (now - found->second->kept_at >= age_) {
    drop(found->second);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->answer;
}

void LookupCache::keep(const std::string& request, Bytes answer, SteadyTime now) {
  if (age_.count() == 0) return;
  std::lock_guard lock(mutex_);
  if (const auto before = by_request_.find(request); before != by_request_.end())
    drop(before->second);
  bytes_ += request.size() + answer->size();
  entries_.push_front({request, std::move(answer), now});
  by_request_[request] = entries_.begin();
  while (entries_.size() > entries_max_ || bytes_ > bytes_max) drop(std::prev(entries_.end()));
}

void LookupCache::drop(std::list<Entry>::iterator entry) {
  bytes_ -= entry->request.size() + entry->answer->size();
  by_request_.erase(entry->request);
  entries_.erase(entry);
}

}  // namespace causeway::pipeline
