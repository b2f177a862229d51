// Staged bodies in memory, for tests of connectors. Thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "engine/core/store.h"

namespace causeway::testing {

class MemoryStaging final : public BodyStaging {
 public:
  Result<std::unique_ptr<Writer>> begin() override {
    std::lock_guard lock(mutex_);
    if (away_) return Error{ErrorKind::Unavailable, "", "staging is away"};
    return std::unique_ptr<Writer>(std::make_unique<MemoryWriter>(*this));
  }
  Result<std::string> read(BodyId body, std::uint64_t offset, std::size_t bytes) override {
    std::lock_guard lock(mutex_);
    const auto found = bodies_.find(body);
    if (away_ || found == bodies_.end()) return Error{ErrorKind::NotFound, "", "no such body"};
    return found->second.substr(offset, bytes);
  }
  Body put(std::string content) {
    std::lock_guard lock(mutex_);
    const BodyId id{static_cast<std::int64_t>(bodies_.size()) + 1};
    const auto size = content.size();
    bodies_[id] = std::move(content);
    return Body(id, size);
  }
  void go_away(bool away) {
    std::lock_guard lock(mutex_);
    away_ = away;
  }

 private:
  struct MemoryWriter final : Writer {
    explicit MemoryWriter(MemoryStaging& owner) : staging(owner) {}
    Status append(std::string_view bytes) override {
      content += bytes;
      return Done{};
    }
    Result<Body> finish() override { return staging.put(std::move(content)); }
    MemoryStaging& staging;
    std::string content;
  };

  std::mutex mutex_;
  std::map<BodyId, std::string> bodies_;
  bool away_ = false;
};

}  // namespace causeway::testing
