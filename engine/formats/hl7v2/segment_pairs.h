// Which segment of one message is which of another. Internal to this folder. Pure.
#pragma once

#include <optional>
#include <vector>

#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {

/// In the order of both messages. Without `after` it was removed, without `before` added.
struct SegmentPair {
  std::optional<std::size_t> before, after;
};

/// Every segment of both once; a pair has one name. Up to `weighed_max` pairs are weighed against
/// each other; beyond, segments are paired by name and number.
std::vector<SegmentPair> pair_segments(const Message& before, const Message& after,
                                       std::size_t weighed_max);

}  // namespace causeway::hl7v2
