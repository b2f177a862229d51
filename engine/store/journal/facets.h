// What every message can be found by without being asked for: its type, its peer, its channel.
//
// A keyed term for each would cost the hot path as much as three search paths. Instead such a term
// is written once for each block of about a second: it says that the block has some, and the
// message's own columns (32 bits of the same hash) say which. A term goes on being written with
// each message until one that had it is known to be committed; so a failed transaction loses
// nothing. Thread-safe: one mutex, never held across I/O.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/core/message.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

/// The ids of 1,024 ms, which begin with the same bits. A day is a whole number of blocks.
inline constexpr int facet_block_bits = 32;

/// Who sent it: the name it proved, else its address without a port.
std::string_view peer_of(const Sender& sender);
/// Its first two components, "ADT^A01", as far as it has them.
std::string_view facet_type(std::string_view type);

std::int64_t type_term(Sealer& sealer, Day day, std::string_view type);
std::int64_t peer_term(Sealer& sealer, Day day, std::string_view peer);
std::int64_t channel_term(Sealer& sealer, Day day, ChannelId channel);
/// What the message's own column has of a term.
inline std::int32_t facet_key(std::int64_t term) {
  return static_cast<std::int32_t>(term);
}

struct Facets {
  std::int32_t type = 0;            ///< 0: it has none.
  std::int32_t peer = 0;            ///< 0: it has none.
  std::vector<std::int64_t> terms;  ///< To be written with this message.
};

class FacetWriter {
 public:
  static constexpr std::size_t kept_max = 4096;

  explicit FacetWriter(Sealer& sealer) : sealer_(sealer) {}

  Facets of(const Arrival& arrival, MessageId id);
  /// The message is committed with these terms.
  void committed(MessageId id, const std::vector<std::int64_t>& terms);

 private:
  std::int64_t term(const std::string& name, MessageId id);

  Sealer& sealer_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::unordered_map<std::string, std::int64_t> hashes_;  // of month_, by letter and value
  std::int64_t month_ = 0;
  std::unordered_set<std::int64_t> known_;  // committed in block_
  std::int64_t block_ = 0;
};

}  // namespace causeway::store
