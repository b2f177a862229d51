// Failures on their way to the store: grouped in memory as they happen, written now and then. What
// is lost in a crash are at most the counts since the last `flush`; the failed work itself is in
// `attention` before. Thread-safe: one mutex, not held across I/O.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string_view>

#include "engine/core/failure.h"
#include "engine/core/store.h"

namespace causeway::channel {

class FailureLog final : public Failures {
 public:
  /// Kept between two flushes; what comes past them is counted, and no more.
  static constexpr std::size_t groups_max = 1000;
  static constexpr std::size_t messages_max = 4096;  ///< Of one group.

  static constexpr std::size_t notices_max = 1000;  ///< Past them the oldest are not told.

  /// A message that nobody will try again by itself.
  struct Notice {
    WorkQueue queue;
    MessageId message;
    ErrorKind kind = ErrorKind::None;
    std::uint64_t cause = 0;
    bool holds_lane = false;
  };

  FailureLog(FailureStore& store, const KeyedHash& hash) : store_(store), hash_(hash) {}

  void note(FailureCause cause, DeploymentId deployment, MessageId message, SystemTime at,
            AfterFailure after) override;
  /// Writes what has been noted. Blocks on the store; after an error it is written with the next.
  Status flush();
  /// What has been put aside since the last call.
  std::deque<Notice> take_notices();

 private:
  void merge(FailureGroup group);

  FailureStore& store_;
  const KeyedHash& hash_;
  std::mutex mutex_;
  std::map<std::uint64_t, FailureGroup> noted_;  // guarded by mutex_
  std::deque<Notice> notices_;                   // guarded by mutex_
};

/// The script's file and line in an error's place; empty if it is none's.
std::string script_line(std::string_view place);
/// The code that an answer's text begins with: "AE: …", "422 …"; empty if it begins otherwise.
std::string answer_code(std::string_view text);

}  // namespace causeway::channel
