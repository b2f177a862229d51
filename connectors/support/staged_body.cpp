#include "connectors/support/staged_body.h"

#include "engine/core/limits.h"

namespace causeway::connectors {

Result<Body> stage(BodyStaging& staging, std::string_view content) {
  auto writer = staging.begin();
  if (!writer) return writer.error();
  while (!content.empty()) {
    const auto chunk = content.substr(0, limits::staged_chunk_bytes);
    if (auto appended = (*writer)->append(chunk); !appended) return appended.error();
    content.remove_prefix(chunk.size());
  }
  return (*writer)->finish();
}

Result<std::string> read_staged(BodyStaging* staging, const Body& body) {
  if (!staging) return Error{ErrorKind::Unavailable, "", "no store to read a staged body from"};
  std::string content;
  content.reserve(body.size());
  while (content.size() < body.size()) {
    const auto want =
        std::min<std::uint64_t>(limits::staged_chunk_bytes, body.size() - content.size());
    auto chunk = staging->read(body.staged(), content.size(), want);
    if (!chunk) return chunk.error();
    if (chunk->empty())
      return Error{ErrorKind::Damaged, "", "a staged body is shorter than it says"};
    content += *chunk;
  }
  return content;
}

}  // namespace causeway::connectors
