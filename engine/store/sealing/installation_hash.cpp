#include "engine/store/sealing/installation_hash.h"

#include "engine/store/sealing/derived_keys.h"

namespace causeway::store {

Result<std::unique_ptr<InstallationHash>> InstallationHash::make(DataKeys& keys) {
  auto key = keys.installation_key();
  if (!key) return key.error();
  return std::unique_ptr<InstallationHash>(new InstallationHash((*key)->secret));
}

InstallationHash::InstallationHash(const Secret& installation_key)
    : domains_(std::make_unique<DerivedKeys>(installation_key, "causeway hash")) {}

InstallationHash::~InstallationHash() = default;

std::uint64_t InstallationHash::hash(std::string_view domain, std::string_view value) const {
  return domains_->hash(domain, value);
}

}  // namespace causeway::store
