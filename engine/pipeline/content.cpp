#include "engine/pipeline/content.h"

#include "engine/core/limits.h"

namespace causeway::pipeline {
namespace {

Error too_large(std::uint64_t bytes, std::uint64_t limit) {
  return Error{ErrorKind::Limit, "",
               "a body of " + std::to_string(bytes) + " bytes; a stage can work on up to " +
                   std::to_string(limit)};
}

}  // namespace

Result<Bytes> read_content(const Body& body, BodyStaging* staging) {
  if (!body.is_staged()) return body.bytes() ? body.bytes() : make_bytes({});
  auto limit = staging ? content_bytes_max : limits::inline_body_bytes;
  if (body.size() > limit || !staging) return too_large(body.size(), limit);
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(body.size()));
  while (bytes.size() < body.size()) {
    auto part = staging->read(body.staged(), bytes.size(), limits::staged_chunk_bytes);
    if (!part) return std::move(part).error();
    if (part->empty()) return Error{ErrorKind::Damaged, "", "a staged body ends too early"};
    bytes += *part;
  }
  return make_bytes(std::move(bytes));
}

Result<Body> make_content(Bytes bytes, BodyStaging* staging) {
  if (bytes->size() <= limits::inline_body_bytes) return Body(std::move(bytes));
  if (!staging) return too_large(bytes->size(), limits::inline_body_bytes);
  auto writer = staging->begin();
  if (!writer) return std::move(writer).error();
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    auto part = rest.substr(0, limits::staged_chunk_bytes);
    auto appended = (*writer)->append(part);
    if (!appended) return std::move(appended).error();
    rest.remove_prefix(part.size());
  }
  return (*writer)->finish();
}

}  // namespace causeway::pipeline
