// Secrets by name: passwords, passphrases and tokens that channels refer to as "secret:NAME". A
// value is fetched where a connector is made, and goes nowhere else: not into configs, revisions,
// logs, metrics or error texts. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace causeway {

class Secrets {
 public:
  virtual ~Secrets() = default;
  /// NotFound (with the remedy), or why the store can't be read.
  virtual Result<std::string> value(std::string_view name) const = 0;
};

}  // namespace causeway
