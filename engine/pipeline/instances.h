// The instances that one worker's thread has made, by whom each is for; the longest unused goes
// first. Used by its thread. Internal to this folder.
#pragma once

#include <unordered_map>

#include "engine/core/transformation.h"

namespace causeway::pipeline {

/// Of either kind, kept by one thread; a script's takes about 350 KB.
inline constexpr std::size_t instances_max = 256;

template <class Id, class Factory, class Instance>
class Instances {
 public:
  Result<Instance*> of(Id id, const std::shared_ptr<const Factory>& factory) {
    auto& held = held_[id];
    held.used = ++uses_;
    if (held.factory == factory) return held.instance.get();
    held.instance.reset();
    auto made = factory->make();
    if (!made) {
      held_.erase(id);
      return std::move(made).error();
    }
    held.factory = factory;
    held.instance = std::move(*made);
    auto* instance = held.instance.get();
    if (held_.size() > instances_max) evict();
    return instance;
  }

 private:
  struct Held {
    std::shared_ptr<const Factory> factory;
    std::unique_ptr<Instance> instance;
    std::uint64_t used = 0;
  };

  void evict() {
    auto oldest = held_.begin();
    for (auto it = held_.begin(); it != held_.end(); ++it)
      if (it->second.used < oldest->second.used) oldest = it;
    held_.erase(oldest);
  }

  std::unordered_map<Id, Held> held_;
  std::uint64_t uses_ = 0;
};

using RunInstances = Instances<ChannelId, TransformationFactory, Transformation>;

/// Runs it with the thread's instance. What is thrown is a failed run.
RunResult run_of(RunInstances& instances, const RunRequest& request);

}  // namespace causeway::pipeline
