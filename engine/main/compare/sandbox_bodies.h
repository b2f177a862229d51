// Large bodies for runs that leave no trace: stored ones are read, made ones stay in memory until
// they are forgotten. Used by one thread.
#pragma once

#include <functional>

#include "engine/main/authoring/memory_bodies.h"

namespace causeway {

class SandboxBodies final : public BodyStaging {
 public:
  /// Of the store; may be called by several threads.
  using ReadBody =
      std::function<Result<std::string>(BodyId body, std::uint64_t offset, std::size_t bytes)>;

  explicit SandboxBodies(ReadBody read_stored) : read_stored_(std::move(read_stored)) {}

  Result<std::unique_ptr<Writer>> begin() override { return made_.begin(); }
  Result<std::string> read(BodyId body, std::uint64_t offset, std::size_t bytes) override {
    auto read = made_.read(body, offset, bytes);
    const bool is_stored = !read && read.error().kind == ErrorKind::NotFound;
    return is_stored ? read_stored_(body, offset, bytes) : read;
  }
  void forget_made() { made_ = MemoryBodies(); }

 private:
  ReadBody read_stored_;
  MemoryBodies made_;
};

}  // namespace causeway
