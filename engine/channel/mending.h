// A person's decisions on work that waits, is held or parked: on one piece of it, on a lane, on a
// selection of a queue.
//
// Decisions are taken one after the other, on rows read afresh, and what one led to is committed
// before the next looks: so two people can't both let go what was parked once, and a decision on
// something that has moved on meanwhile is refused (Conflict), never guessed.
//
// Thread-safe. Blocks on the store: not for the event loop.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "engine/channel/channel.h"

namespace causeway::channel {

enum class MendingVerb : std::uint8_t {
  Retry,          ///< Now, or as soon as its lane lets it: also releases what is held or parked.
  Skip,           ///< It is not sent; its lane goes on.
  MarkDelivered,  ///< It has arrived, as somebody knows from elsewhere.
  Discard,        ///< It was not worth sending.
};

std::string_view to_string(MendingVerb verb);

/// Which rows of `attention`; all that is given must hold.
struct MendingSelection {
  WorkQueue queue;
  std::optional<MessageId> message;
  std::optional<RunNumber> run;
  std::optional<std::uint16_t> part;
  std::optional<MessageId> lane_of;  ///< In a lane with this message, which is in `attention` too.
  /// Empty: what waits for a person or a next try (Held, Parked, Waiting).
  std::set<AttentionState> states;
  std::optional<ErrorKind> kind;
  std::size_t rows_max = 1000;
};

struct MendingResult {
  std::vector<WorkRef> done;
  struct Refusal {
    WorkRef work;
    Error error;  ///< Holds no content.
  };
  std::vector<Refusal> refused;
  bool more = false;  ///< There were more than rows_max.
};

class Mending {
 public:
  using Find = std::function<Channel*(ChannelId)>;  ///< nullptr: it doesn't run.
  /// Returns when all settlements handed to the journal before are committed.
  using Commit = std::function<Status()>;
  /// Channel::keep_edit, until its receipt.
  using Keep = std::function<Result<Receipt>(Channel&, Draft)>;

  /// `reader` outlives it; `find`'s channels live as long as a decision takes.
  Mending(WorkReader& reader, Commit commit, Find find, Keep keep = keep_and_wait)
      : reader_(reader),
        commit_(std::move(commit)),
        find_(std::move(find)),
        keep_(std::move(keep)) {}

  /// The rows that a decision would be about, without any.
  Result<MendingResult> select(const MendingSelection& selection);
  /// `reason` is kept, sealed, in the history of each. Errors: NotFound (the channel doesn't run;
  /// no such destination), Invalid (a run can't be marked as delivered), those of the store.
  Result<MendingResult> decide(const MendingSelection& selection, MendingVerb verb,
                               const std::string& reason);
  /// Gives the one piece of work that is selected another content, and lets it go in its place: a
  /// run goes through the channel with it, a delivery is sent as it. The content becomes a message
  /// of its own, linked to the work's, and named in its history (replay_order.h: edit_text).
  /// NotFound, Conflict: it is not one piece that is held, parked
  /// or waiting.
  struct Edited {
    WorkRef work;
    MessageId content;
  };
  Result<Edited> edit(const MendingSelection& selection, Body content, const std::string& reason,
                      SystemTime now);

 private:
  Result<std::vector<AttentionRow>> rows(const MendingSelection& selection, bool& more);
  Status one(Channel& channel, const AttentionRow& row, MendingVerb verb,
             const std::string& reason);
  static Result<Receipt> keep_and_wait(Channel& channel, Draft draft);

  WorkReader& reader_;
  Commit commit_;
  Find find_;
  Keep keep_;
  std::mutex mutex_;  // one decision at a time, over its reads and its commit
};

/// Waits on this thread; not one of the journal's.
Mending::Commit commit_of(Journal& journal);

}  // namespace causeway::channel
