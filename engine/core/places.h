// How far sources have read: for each place that a source reads on from (a query's watermark, say)
// a short text that outlives the engine. It is a hint that saves reading: what is read again from
// an earlier place is known by its Origin, and not stored twice. Thread-safe; blocks on the store.
#pragma once

#include <optional>
#include <string>

#include "engine/core/result.h"

namespace causeway {

/// Whose place: unique in an installation.
struct PlaceName {
  std::string channel;
  std::string source;  ///< Of the source's own choosing: another name begins anew.
};

class Places {
 public:
  static constexpr std::size_t place_bytes_max = 64 * 1024;

  virtual ~Places() = default;
  /// None: there is none yet.
  virtual Result<std::optional<std::string>> place(const PlaceName& name) = 0;
  /// Limit: longer than `place_bytes_max`.
  virtual Status keep(const PlaceName& name, std::string_view place) = 0;
};

}  // namespace causeway
