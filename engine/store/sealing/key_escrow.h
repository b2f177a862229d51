// Master keys for safe keeping elsewhere: a text file, encrypted under a passphrase.
//
// scrypt (RFC 7914, N = 2^17, r = 8, p = 1: 128 MiB and about half a second a guess) makes a key of
// passphrase and salt; AES-256-GCM under it wraps each master key. The file:
//
//   causeway master keys 1
//   salt 32 hex digits
//   key NUMBER 24 hex digits (nonce) 96 hex digits (key and tag)
//
// Pure but for random numbers. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/store/sealing/master_keys.h"

namespace causeway::store {

inline constexpr std::size_t passphrase_bytes_min = 12;
inline constexpr std::size_t escrow_keys_max = 100;
inline constexpr std::size_t escrow_bytes_max = 64 * 1024;

/// Invalid: the passphrase is too short.
Result<std::string> seal_escrow(const std::vector<MasterKey>& keys, std::string_view passphrase);

/// The keys, in the order of their numbers. Invalid: this is no such file. Damaged: another
/// passphrase, or altered.
Result<std::vector<MasterKey>> open_escrow(std::string_view text, std::string_view passphrase);

/// What the file says before anything is decrypted.
struct Escrow {
  struct Key {
    int number = 0;
    std::string nonce;
    std::string sealed;
  };
  std::string salt;
  std::vector<Key> keys;
};
Result<Escrow> parse_escrow(std::string_view text);

}  // namespace causeway::store
