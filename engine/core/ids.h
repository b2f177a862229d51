// The numbers things are known by. Distinct types, so that one can't be passed for another.
//
// A MessageId is 63 bits, assigned by the engine, increasing in the order in which messages are
// committed: milliseconds since 2020-01-01 UTC (41 bits) | node (6) | sequence (16). It is the
// order of lanes, the partition key (by UTC day) and the address of a message's whole life.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace causeway {

template <class Tag, class Rep>
struct StrongId {
  using rep = Rep;
  Rep value = 0;
  auto operator<=>(const StrongId&) const = default;
  explicit operator bool() const { return value != 0; }
};

using MessageId = StrongId<struct MessageTag, std::int64_t>;
using ChannelId = StrongId<struct ChannelTag, std::int32_t>;
/// Unique in the installation, not only in its channel. 0 stands for "the run itself".
using DestinationId = StrongId<struct DestinationTag, std::int32_t>;
using DeploymentId = StrongId<struct DeploymentTag, std::int32_t>;
using NodeId = StrongId<struct NodeTag, std::int16_t>;
using Epoch = StrongId<struct EpochTag, std::int32_t>;
/// A staged body (content larger than `limits::inline_body_bytes`).
using BodyId = StrongId<struct BodyTag, std::int64_t>;
/// Which passage of a message through its channel: 1 for the first.
using RunNumber = StrongId<struct RunTag, std::int16_t>;

using SystemTime = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

/// Days since 1970-01-01 UTC: the name of a partition.
using Day = std::chrono::sys_days;

inline constexpr std::int64_t id_epoch_ms = 1577836800000;  ///< 2020-01-01T00:00:00Z
inline constexpr int id_sequence_bits = 16;
inline constexpr int id_node_bits = 6;
inline constexpr std::int16_t node_max = (1 << id_node_bits) - 1;

MessageId make_message_id(std::int64_t unix_ms, NodeId node, std::uint16_t sequence);
std::int64_t unix_ms_of(MessageId id);
NodeId node_of(MessageId id);
Day day_of(MessageId id);
/// The lowest id that a message of this day can have; of the next day: the end of its partition.
MessageId first_id_of(Day day);

/// As people read and type ids: 13 characters of Crockford's base 32, upper case.
std::string to_string(MessageId id);
Result<MessageId> parse_message_id(std::string_view text);

}  // namespace causeway

template <class Tag, class Rep>
struct std::hash<causeway::StrongId<Tag, Rep>> {
  std::size_t operator()(causeway::StrongId<Tag, Rep> id) const {
    return std::hash<std::uint64_t>{}(static_cast<std::uint64_t>(id.value) * 0x9E3779B97F4A7C15u);
  }
};
