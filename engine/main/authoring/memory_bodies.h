// Large bodies in memory, for runs without a store. Used by one thread.
#pragma once

#include <unordered_map>

#include "engine/core/store.h"

namespace causeway {

class MemoryBodies final : public BodyStaging {
 public:
  Result<std::unique_ptr<Writer>> begin() override;
  Result<std::string> read(BodyId body, std::uint64_t offset, std::size_t bytes) override;

 private:
  class MemoryWriter;
  std::unordered_map<std::int64_t, std::string> bodies_;
};

}  // namespace causeway
