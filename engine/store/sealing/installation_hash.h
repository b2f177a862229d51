// KeyedHash with a key of the installation: HMAC-SHA-256 cut to 64 bits, its key by domain.
// The same in every engine of an installation and after every restart. Thread-safe.
#pragma once

#include <memory>

#include "engine/core/store.h"
#include "engine/store/sealing/data_keys.h"

namespace causeway::store {

class DerivedKeys;

class InstallationHash final : public KeyedHash {
 public:
  static Result<std::unique_ptr<InstallationHash>> make(DataKeys& keys);
  ~InstallationHash() override;
  std::uint64_t hash(std::string_view domain, std::string_view value) const override;

 private:
  explicit InstallationHash(const Secret& installation_key);
  const std::unique_ptr<DerivedKeys> domains_;
};

}  // namespace causeway::store
