// A durable hold on all sending: set when a store is restored, since what went out after the backup
// was made isn't known in it; lifted by an administrator. While it stands, an engine receives and
// runs messages, and delivers none.
#pragma once

#include <optional>
#include <string>

#include "engine/store/postgres/connection.h"

namespace causeway::store {

class SendingHold {
 public:
  explicit SendingHold(Target target) : target_(std::move(target)) {}

  /// Why nothing is sent; nothing: there is no hold.
  Result<std::optional<std::string>> reason();
  Status set(const std::string& reason);
  /// False: there was none.
  Result<bool> lift();

 private:
  const Target target_;
};

}  // namespace causeway::store
