// Content that is brought in piece by piece, because it is too large for one request: staged as it
// comes, and named by whoever brings it until a line of an import asks for it.
//
// Thread-safe; blocks on the store. One that nobody goes on with is forgotten after `patience`, and
// its staging is swept with other orphans.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/core/clock.h"
#include "engine/core/store.h"

namespace causeway::api {

class Uploads {
 public:
  static constexpr std::size_t open_max = 8;
  static constexpr std::uint64_t bytes_max = 4ull * 1024 * 1024 * 1024;
  static constexpr auto patience = std::chrono::minutes(10);
  /// Kept of the beginning, from which a message's keys are read.
  static constexpr std::size_t at_hand_bytes_max = 16 * 1024 * 1024;

  /// Both outlive it.
  Uploads(BodyStaging& staging, const Clock& clock) : staging_(staging), clock_(clock) {}

  /// The next piece; `offset` says where it belongs. Conflict: there is another one of this name,
  /// or it stands elsewhere; Limit: too many are open, or it is too large.
  Status add(const std::string& owner, const std::string& name, std::uint64_t offset,
             std::string_view piece);
  struct Whole {
    Body body;
    Bytes at_hand;
  };
  /// All of it; the name is free again. NotFound: there is none.
  Result<Whole> take(const std::string& owner, const std::string& name);

 private:
  struct Upload {
    std::unique_ptr<BodyStaging::Writer> writer;
    std::uint64_t bytes = 0;
    std::string beginning;
    SteadyTime used;
  };
  using Key = std::pair<std::string, std::string>;  // owner, name
  /// Out of the table while it is worked on: so none is used twice at once.
  Result<Upload> lend(const Key& key, std::uint64_t offset);
  void forget_old();

  BodyStaging& staging_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<Key, Upload> uploads_;  // guarded by mutex_
  std::size_t lent_ = 0;           // guarded by mutex_
};

}  // namespace causeway::api
