// Why runs and deliveries fail, grouped by cause: the script's file and line, or the destination
// and its answer's code, and the class of the error. Texts of errors may quote messages, so none is
// part of a cause. Plain values; the ports are thread-safe.
#pragma once

#include <string>
#include <vector>

#include "engine/core/work.h"

namespace causeway {

struct FailureCause {
  WorkQueue queue;
  ErrorKind kind = ErrorKind::None;
  std::string stage;  ///< Which failed, by its name; of runs alone.
  std::string place;  ///< "transform.js:12"; empty: no script failed.
  std::string code;   ///< What a destination answered: "AE", "422"; empty: it has no code.
};

/// A cause that has been seen, and how often.
struct FailureGroup {
  std::uint64_t id = 0;  ///< The same for the same cause, in every life of the engine.
  FailureCause cause;
  SystemTime first_seen, last_seen;
  std::int64_t count = 0;  ///< Failed runs and attempts.
  DeploymentId first_deployment, last_deployment;
  std::vector<MessageId> messages;  ///< Some of those that failed; only to be added.
};

/// What becomes of the work.
enum class AfterFailure : std::uint8_t { Retried, Parked, Held };

/// Where failures are noted as they happen. Never blocks.
class Failures {
 public:
  virtual ~Failures() = default;
  virtual void note(FailureCause cause, DeploymentId deployment, MessageId message, SystemTime at,
                    AfterFailure after) = 0;
};

/// Blocks on the database.
class FailureStore {
 public:
  virtual ~FailureStore() = default;
  /// Adds to what is known: counts add up, the first time seen stays.
  virtual Status add(const std::vector<FailureGroup>& seen) = 0;

  struct Query {
    std::vector<ChannelId> channels;
    SystemTime before;  ///< Last seen before this, or then with a lower number: a page's end.
    std::uint64_t before_id = 0;
    std::size_t rows = 50;
  };
  /// The latest first.
  virtual Result<std::vector<FailureGroup>> find(const Query& query) = 0;
  /// NotFound: there is no such cause.
  virtual Result<FailureGroup> group(std::uint64_t id) = 0;
  /// How many messages of each need attention now, of their newest `open_counted_max`.
  static constexpr std::int64_t open_counted_max = 10'000;
  virtual Result<std::vector<std::int64_t>> open(const std::vector<std::uint64_t>& ids) = 0;
};

}  // namespace causeway
