// Keyed hashes under a family of keys that all derive from one: HMAC-SHA-256 (RFC 2104), the key of
// a name being HMAC(root, name). The hash states of recent keys are kept, so that one hash of a
// short value costs 0.3 µs. Thread-safe: a shared mutex over the states kept.
#pragma once

#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/store/sealing/secret.h"

namespace causeway::store {

class DerivedKeys {
 public:
  /// Past so many names the states kept are dropped, and made again as needed.
  static constexpr std::size_t kept_max = 4096;

  /// `use` keeps families of one root apart.
  DerivedKeys(const Secret& root, std::string_view use);
  ~DerivedKeys();

  /// The first 64 bits of HMAC(HMAC(root, name), value).
  std::uint64_t hash(std::string_view name, std::string_view value) const;

 private:
  struct State;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::shared_ptr<const State> state_of(std::string_view name) const;

  std::shared_ptr<const State> family_;
  mutable std::shared_mutex mutex_;
  // guarded by mutex_
  mutable std::unordered_map<std::string, std::shared_ptr<const State>, TextHash, std::equal_to<>>
      states_;
};

}  // namespace causeway::store
