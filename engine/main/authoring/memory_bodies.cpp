#include "engine/main/authoring/memory_bodies.h"

namespace causeway {

class MemoryBodies::MemoryWriter final : public Writer {
 public:
  explicit MemoryWriter(MemoryBodies& bodies) : bodies_(bodies) {}

  Status append(std::string_view bytes) override {
    content_ += bytes;
    return Done{};
  }
  Result<Body> finish() override {
    const auto size = content_.size();
    const auto id = static_cast<std::int64_t>(bodies_.bodies_.size()) + 1;
    bodies_.bodies_.emplace(id, std::move(content_));
    return Body(BodyId{id}, size);
  }

 private:
  MemoryBodies& bodies_;
  std::string content_;
};

Result<std::unique_ptr<BodyStaging::Writer>> MemoryBodies::begin() {
  return std::unique_ptr<Writer>(std::make_unique<MemoryWriter>(*this));
}

Result<std::string> MemoryBodies::read(BodyId body, std::uint64_t offset, std::size_t bytes) {
  const auto found = bodies_.find(body.value);
  if (found == bodies_.end()) return Error{ErrorKind::NotFound, "", "no such body"};
  return found->second.substr(std::min<std::size_t>(offset, found->second.size()), bytes);
}

}  // namespace causeway
