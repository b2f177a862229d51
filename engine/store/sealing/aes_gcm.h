// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags. A context keeps its key
// schedule from call to call while the key stays the same. Not thread-safe.
#pragma once

#include <memory>
#include <string_view>

#include "engine/store/sealing/key_table.h"
#include "engine/store/sealing/secret.h"

namespace causeway::store {

inline constexpr std::size_t gcm_nonce_bytes = 12;
inline constexpr std::size_t gcm_tag_bytes = 16;

class AesGcm {
 public:
  AesGcm();
  ~AesGcm();
  AesGcm(AesGcm&&) noexcept;

  /// `id` tells keys apart: the same id means the same secret as at the last call.
  void use_key(KeyId id, const Secret& secret);

  struct Around {
    std::string_view nonce;       ///< 12 bytes, never used twice with one key.
    std::string_view associated;  ///< Authenticated, not encrypted.
  };
  /// Writes ciphertext and tag to `out`, which has room for plain.size() + 16 bytes.
  void encrypt(Around around, std::string_view plain, char* out);
  /// Writes the plain bytes to `out` (sealed.size() - 16). False: not authentic; `out` is wiped.
  bool decrypt(Around around, std::string_view sealed, char* out);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

/// `count` bytes of the system's random generator.
std::string random_bytes(std::size_t count);

}  // namespace causeway::store
