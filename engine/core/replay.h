// Replays as tasks: which messages are sent through their channels again, how, and how far that has
// come. Each replay is a message of its own, whose origin is (task, original): however often a task
// is taken up again, an original is replayed once in it. Plain values; the port is thread-safe and
// blocks on the database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/body.h"
#include "engine/core/ids.h"
#include "engine/core/message.h"
#include "engine/core/result.h"

namespace causeway {

using ReplayId = StrongId<struct ReplayTag, std::int64_t>;

namespace limits {
inline constexpr std::int64_t replay_messages_max = 1'000'000;  ///< Of one task.
inline constexpr std::size_t replay_plan_bytes = 4 * 1024 * 1024;
inline constexpr std::int64_t replay_per_second_max = 100'000;
}  // namespace limits

/// The number is stored: append only.
enum class ReplayState : std::uint8_t {
  Collecting = 1,  ///< Its messages are being looked for.
  Running = 2,
  Paused = 3,
  Done = 4,
  Cancelled = 5,
  Failed = 6,  ///< Its selection could not be read.
};
std::string_view to_string(ReplayState state);
constexpr bool is_over(ReplayState state) {
  return state >= ReplayState::Done;
}

/// What originals go through. The number is stored: append only.
enum class ReplayThrough : std::uint8_t {
  Current = 1,   ///< What is deployed when the replay runs.
  Original = 2,  ///< The deployment that the original's last run went through.
  AsSent = 3,    ///< Nothing: what that run made is sent again, byte for byte.
};
std::string_view to_string(ReplayThrough through);

/// What somebody asked for. Sealed when stored: it may name patients, or hold a message.
struct ReplayPlan {
  std::vector<MessageId> messages;  ///< These; or, where empty,
  std::string selection;            ///< those that this finds; as who searches writes it.
  ReplayThrough through = ReplayThrough::Current;
  std::vector<std::string> destinations;  ///< Only to these; empty: to all.
  std::optional<std::uint16_t> part;      ///< With AsSent: this part alone.
  Bytes content;        ///< In place of the only message's body; null: it is as it was.
  bool edited = false;  ///< There is such a content, or was until the task was over.
  std::string reason;
};

struct ReplayTask {
  ReplayId id;
  std::string channel;  ///< Path of the channel or folder that it is about; empty: all.
  std::string created_by;
  SystemTime created_at;
  SystemTime ended_at;
  ReplayState state = ReplayState::Collecting;
  bool was_collecting = false;  ///< Paused before all had been found.
  std::int64_t per_second = 0;  ///< 0: as fast as the channels take them.
  std::int64_t total = 0;       ///< Messages found.
  std::int64_t done = 0;        ///< Replayed.
  std::int64_t refused = 0;     ///< That could not be.
  MessageId position;           ///< The last that has been dealt with; they go by number.
  MessageId collected_to;       ///< While collecting: all from here on have been found; 0: none.
  ReplayPlan plan;              ///< Only from `task`.
};

/// An original that could not be replayed.
struct ReplayRefusal {
  MessageId message;
  ErrorKind kind = ErrorKind::None;
};

class ReplayStore {
 public:
  virtual ~ReplayStore() = default;

  virtual Result<ReplayId> add(const ReplayTask& task) = 0;
  /// NotFound: there is none of this number.
  virtual Result<ReplayTask> task(ReplayId id) = 0;
  /// Newest first, below `before` (0: all).
  virtual Result<std::vector<ReplayTask>> tasks(ReplayId before, std::size_t rows) = 0;
  /// Those that are not over.
  virtual Result<std::vector<ReplayTask>> open() = 0;

  /// Adds to what a collecting task is about; all its messages from `down_to` on are then known. In
  /// one transaction.
  virtual Status collected(ReplayId id, const std::vector<MessageId>& messages,
                           MessageId down_to) = 0;
  /// Messages of a task after `position`, ascending.
  virtual Result<std::vector<MessageId>> messages(ReplayId id, MessageId after,
                                                  std::size_t rows) = 0;
  /// Deals with all up to `position`: so many were replayed, these could not be. In one
  /// transaction, and only if the task stood at `from`.
  virtual Status progressed(ReplayId id, MessageId from, MessageId position, std::int64_t done,
                            const std::vector<ReplayRefusal>& refused) = 0;
  /// Conflict: it is not in one of the states `from` any more. A task that is over keeps neither
  /// its messages, but for those refused, nor its plan's content.
  virtual Status change_state(ReplayId id, const std::vector<ReplayState>& from, ReplayState to,
                              SystemTime at) = 0;
  virtual Result<std::vector<ReplayRefusal>> refusals(ReplayId id, std::size_t rows) = 0;
};

}  // namespace causeway
