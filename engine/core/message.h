// What a source offers (Draft), what of it is stored (Arrival), and the proof of it (Receipt).
// Plain values, moved from thread to thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/attributes.h"
#include "engine/core/body.h"
#include "engine/core/ids.h"

namespace causeway {

/// Who sent a message, as far as the connector knows.
struct Sender {
  std::string address;  ///< "192.0.2.7:51022", a file's path, an AE title …
  std::string name;     ///< A peer authenticated by certificate or account; else empty.
};

/// Where in its source a record comes from: unique per channel. A second accept of the same origin
/// returns the first receipt, so that a file read again after a crash doubles nothing.
struct Origin {
  std::string source;          ///< For example host, path, size and checksum of a file.
  std::uint64_t position = 0;  ///< Record number in it.
};

/// Why one message comes from another. The number is stored: append only.
enum class LinkKind : std::uint8_t {
  Split = 1,
  BatchMember = 2,
  Hop = 3,  ///< Sent on from another channel.
  Replay = 4,
  Edit = 5,
  Response = 6,
  AssembledFrom = 7,
  DuplicateOf = 8,  ///< The same key and body came before.
  KeyReuse = 9,     ///< The same key came before, with another body.
};

std::string_view to_string(LinkKind kind);

struct Link {
  MessageId parent;
  LinkKind kind = LinkKind::Hop;
};

/// One message as a connector read it.
struct Draft {
  Sender sender;
  ContentType content_type = ContentType::Binary;
  Body body;
  SharedAttributes attributes;  ///< What the protocol says of it, besides its bytes.
  std::optional<Origin> origin;
  std::vector<Link> links;
  std::uint32_t batch_place = 0;  ///< 1 for the first message of a batch; 0: not from a batch.
  std::uint8_t hops = 0;          ///< Channels that it came through before.
  /// The bytes of a staged body, where the source has them at hand: its keys and its reply are made
  /// from them. Not stored; the intake lets go of them once the keys are known.
  Bytes at_hand;

  Bytes readable() const { return at_hand ? at_hand : body.bytes(); }
  std::string_view readable_view() const { return at_hand ? *at_hand : body.view(); }
};

/// Lanes that a message belongs to: keyed hashes of (key path, value). Empty: no order is kept.
/// Several (a merge names two patients): it waits for all of them. At most limits::order_keys_max.
using OrderKeys = std::vector<std::uint64_t>;

/// One searchable value. The store hashes it with the key of (path, month); the value is not kept.
struct SearchTerm {
  std::string path;  ///< As in the channel's config: "PID-3.1".
  std::string value;
};

/// What tells that two messages are the same one sent twice. 0 key: takes no part.
struct DuplicateKey {
  std::uint64_t key = 0;          ///< Keyed hash of channel, sender and control id.
  std::uint64_t fingerprint = 0;  ///< Keyed hash of the body.
  bool operator==(const DuplicateKey&) const = default;
};

/// Why a run happens. The number is stored: append only.
enum class Cause : std::uint8_t { Arrival = 1, Replay = 2, Recovery = 3, Retry = 4, Hop = 5 };

std::string_view to_string(Cause cause);

/// Bits stored with a message and handed to its runs and deliveries. Append only.
namespace message_flags {
inline constexpr std::uint16_t duplicate = 1;   ///< Marked: key and body came before.
inline constexpr std::uint16_t suppressed = 2;  ///< A duplicate that is not to be run.
inline constexpr std::uint16_t key_reuse = 4;   ///< Key came before with another body.
inline constexpr std::uint16_t unreadable = 8;  ///< No header could be read.
inline constexpr std::uint16_t possible_duplicate =
    16;  ///< A delivery: it may have arrived before.
inline constexpr std::uint16_t replay = 32;
}  // namespace message_flags

/// What the channel's intake hands to the journal.
struct Arrival {
  ChannelId channel;
  SystemTime received_at;
  Draft draft;
  std::string control_id;  ///< MSH-10 or the like; sealed with the message.
  std::string type;        ///< "ADT^A01", as MSH-9 says; sealed with the message.
  OrderKeys order_keys;
  std::vector<SearchTerm> terms;
  DuplicateKey duplicate;
  std::uint16_t flags = 0;
};

/// Proof that a message is committed.
struct Receipt {
  MessageId message;
  bool was_there = false;  ///< Its origin had been accepted before: this is the first receipt.
};

/// A message read back.
struct StoredMessage {
  MessageId id;
  Arrival arrival;  ///< `terms` is empty: the values are not kept apart.
};

}  // namespace causeway
