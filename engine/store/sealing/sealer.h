// Sealing: everything stored that can hold patient data is compressed (zstd) and encrypted
// (AES-256-GCM, NIST SP 800-38D) before it reaches PostgreSQL.
//
// A data key serves one retention class for one UTC day; it is stored wrapped by the master key,
// which stays outside the database. Nonces are (node, epoch, counter): the epoch is raised durably
// at every start, so that no crash repeats one. Message id, role and chunk are authenticated with
// the content: sealed bytes can't be moved to another place. Destroying a day's key shreds what it
// sealed.
//
// Sealed bytes: version (1) | flags (1) | data key id (4, big-endian) | nonce (12) | ciphertext |
// tag (16). Thread-safe; `seal` and `open` don't touch the database once the day's key is loaded.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::store {

/// The most that is sealed in one piece: all outputs of a run, with room to spare.
inline constexpr std::size_t sealed_plain_bytes_max = 20 * 1024 * 1024;

/// What a sealed column holds. Part of the authenticated data: append only.
enum class Role : std::uint8_t {
  Message = 1,
  Output = 2,
  Steps = 3,
  Response = 4,
  Reply = 5,
  Reason = 6,
  Chunk = 7,
  Origin = 8,
  Setting = 9,
  State = 10,
  Audit = 11,
};

/// Where sealed bytes belong. The day of their key is the id's (`day_of`), so that all of a message
/// is shredded together, whenever it was written; a BodyId carries its time as a MessageId does.
struct SealPlace {
  std::int64_t id = 0;  ///< A MessageId's value, or a BodyId's for Role::Chunk.
  Role role = Role::Message;
  std::uint64_t part = 0;  ///< Chunk number; or, where one message has several, see seal_part.
};

/// Content of different retention is sealed under different keys.
struct RetentionClass {
  std::int16_t value = 0;
};

class Sealer {
 public:
  virtual ~Sealer() = default;
  /// `dictionary`: related bytes (the input, for an output); the same must be given to `open`.
  /// Limit: larger than `sealed_plain_bytes_max`. Damaged: the day's key has been destroyed.
  virtual Result<std::string> seal(SealPlace place, RetentionClass retention,
                                   std::string_view plain, std::string_view dictionary = {}) = 0;
  /// Damaged: altered, moved, wrong key, another dictionary, or its key has been destroyed (said in
  /// the text).
  virtual Result<std::string> open(SealPlace place, std::string_view sealed,
                                   std::string_view dictionary = {}) = 0;
  /// The hash under which a search term is stored: HMAC-SHA-256 cut to 64 bits, its key by path and
  /// month of `at`.
  virtual std::int64_t term(std::string_view path, Day at, std::string_view value) = 0;
};

}  // namespace causeway::store
