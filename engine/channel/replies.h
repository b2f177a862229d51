// What senders are told, and whether it reached them.
//
// A reply is decided when the message is stored, when it is done, or by one destination: by the
// worst outcome of what was made for it. Whether its bytes left is known later; both are recorded
// with the next append of the message, or on their own where none is to come. Not thread-safe:
// guarded by the channel's mutex; decided replies are handed back to the caller, who gives them out
// without the mutex.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/channel/policy.h"
#include "engine/core/intake.h"
#include "engine/core/work.h"

namespace causeway::channel {

class Replies {
 public:
  struct Decided {
    MessageId message;
    Verdict verdict;
    Intake::OnReply on_reply;
    Bytes input;  ///< The message's bytes, for composing.
    bool timed_out = false;
    std::vector<std::function<void(const Verdict&)>> others;  ///< Who asked to be told the same.
  };

  // Waiting for a verdict
  void expect(MessageId message, Intake::OnReply on_reply, Bytes input, DestinationId destination);
  bool expects(MessageId message) const { return waiting_.contains(message); }
  /// For a suppressed copy of a message whose verdict is awaited.
  void also_tell(MessageId message, std::function<void(const Verdict&)> other);
  std::size_t waiting() const { return waiting_.size(); }
  /// Its run ended: with these deliveries, or with a verdict. Where one destination decides and
  /// gets nothing, the verdict stands.
  std::optional<Decided> ran(MessageId message, const std::vector<DeliveryRecord>& deliveries,
                             const Verdict& verdict);
  /// One of its deliveries came to an end (or was put aside).
  std::optional<Decided> delivered(const WorkRef& work, const Verdict& verdict);
  std::optional<Decided> timed_out(MessageId message, Verdict::Code code);

  // Recording
  /// `alone`: no append is in sight that would take it along.
  void told(MessageId message, ReplyRecord record, bool alone);
  /// A value: no append is to come that would take it along, so record it now.
  std::optional<ReplyRecord> sent(MessageId message, ReplyState state);
  /// What an append about to be made should take along.
  std::optional<ReplyRecord> take(MessageId message);
  /// No further append is in sight for this message.
  void no_append_in_sight(MessageId message);

 private:
  struct Waiting {
    Intake::OnReply on_reply;
    Bytes input;
    DestinationId destination;  // 0: all of them
    bool ran = false;
    std::size_t open = 0;          // of the deliveries that decide
    std::optional<Verdict> worst;  // so far; among equals the first
    std::vector<std::function<void(const Verdict&)>> others;
  };
  struct Told {
    ReplyRecord record;
    bool state_known = false;
    bool alone = false;
  };
  Decided decide(MessageId message, Verdict verdict);

  std::unordered_map<MessageId, Waiting> waiting_;
  std::unordered_map<MessageId, Told> told_;
};

}  // namespace causeway::channel
