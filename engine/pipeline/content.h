// Bodies of any size as the bytes that a stage works on, and back. Thread-safe (BodyStaging is).
#pragma once

#include "engine/core/store.h"

namespace causeway::pipeline {

/// Bytes of a staged body that a stage can work on.
inline constexpr std::uint64_t content_bytes_max = 64 * 1024 * 1024;

/// All bytes of a body. Limit: too large, or it is staged and `staging` is null.
Result<Bytes> read_content(const Body& body, BodyStaging* staging);

/// A body of these bytes: inline, or staged if it is too large for that.
Result<Body> make_content(Bytes bytes, BodyStaging* staging);

}  // namespace causeway::pipeline
