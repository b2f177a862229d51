// Every bound that more than one part of the engine keeps to, by name. Limits of one connector or
// format stand in its own header.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace causeway::limits {

inline constexpr std::size_t inline_body_bytes = 256 * 1024;
inline constexpr std::size_t staged_chunk_bytes = 1024 * 1024;

inline constexpr std::size_t order_keys_max = 8;  ///< Keys one message may name.
/// Named values beside one message, delivery or reply, with their names.
inline constexpr std::size_t attributes_max = 128;
inline constexpr std::size_t attributes_bytes = 32 * 1024;
inline constexpr std::size_t search_terms_max = 64;     ///< Terms one message may have.
inline constexpr std::size_t search_value_bytes = 256;  ///< Longer values are cut before hashing.
inline constexpr int hops_max = 16;                     ///< Channel-to-channel hops in a row.
inline constexpr std::size_t destinations_max = 100;    ///< Per channel.
/// What one run may give, all destinations together. The bytes: of outputs small enough to be
/// inline, which are sealed in one piece.
inline constexpr std::size_t outputs_max = 10'000;
inline constexpr std::size_t outputs_bytes = 16 * 1024 * 1024;
/// What one run may ask for (state of its lane, look-ups) and have recorded.
inline constexpr std::size_t inputs_max = 1000;
inline constexpr std::size_t inputs_bytes = 2 * 1024 * 1024;
inline constexpr std::size_t state_changes_max = 64;  ///< Names that one run may change.
inline constexpr std::size_t state_name_bytes = 256;
inline constexpr std::size_t state_value_bytes = 64 * 1024;
/// Of one channel, held in memory beside what is on the way to the journal.
inline constexpr std::size_t state_cache_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t error_text_bytes = 4096;     ///< Stored text of one failure.
inline constexpr std::size_t response_bytes = 64 * 1024;  ///< Kept of a destination's response.
inline constexpr std::size_t step_log_bytes = 16 * 1024;  ///< Kept of one run's script output.

/// Deliveries or runs of one queue held in memory; the rest of a backlog stays in the journal.
inline constexpr std::size_t queue_window = 2048;
inline constexpr std::size_t queue_page = 512;  ///< Rows read at once from a backlog.
/// Bodies held in memory by one queue's window; past it they are read when needed.
inline constexpr std::size_t queue_window_bytes = 16 * 1024 * 1024;
/// Messages of one channel offered and not yet committed; past it the source is refused.
inline constexpr std::size_t accepts_in_flight_max = 4096;
/// Replies of one channel being waited for.
inline constexpr std::size_t replies_waiting_max = 8192;

inline constexpr int crashes_until_suspect = 2;

}  // namespace causeway::limits
