// The Sealer: zstd, then AES-256-GCM with keys from DataKeys. See sealer.h for the format.
// Thread-safe; contexts are pooled, one per call under way.
#pragma once

#include <atomic>
#include <memory>

#include "engine/store/sealing/data_keys.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

class SealingContexts;
class DerivedKeys;

class AesGcmSealer final : public Sealer {
 public:
  /// `epoch` was raised durably for this start of this node: no two sealers of one installation
  /// ever have the same pair. Loads (or makes) the installation's key from the table.
  static Result<std::unique_ptr<AesGcmSealer>> make(DataKeys& keys, NodeId node, Epoch epoch);
  ~AesGcmSealer() override;

  Result<std::string> seal(SealPlace place, RetentionClass retention, std::string_view plain,
                           std::string_view dictionary = {}) override;
  Result<std::string> open(SealPlace place, std::string_view sealed,
                           std::string_view dictionary = {}) override;
  std::int64_t term(std::string_view path, Day at, std::string_view value) override;

 private:
  AesGcmSealer(DataKeys& keys, NodeId node, Epoch epoch, const Secret& installation_key);

  DataKeys& keys_;
  const NodeId node_;
  const Epoch epoch_;
  std::atomic<std::uint64_t> counter_{0};
  const std::unique_ptr<SealingContexts> contexts_;
  const std::unique_ptr<DerivedKeys> terms_;
};

}  // namespace causeway::store
