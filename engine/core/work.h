// What the engine writes about work on a message, as the journal commits it, and what it reads
// back of work that is still open. Plain values.
//
// A message has runs; a run that passed has deliveries, one or several (parts) for each destination
// that it chose; a delivery has attempts. A piece of work (`WorkRef`) is a run (destination 0) or a
// delivery. A queue (`WorkQueue`) is a channel's runs
// (destination 0) or its deliveries to one destination.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/attributes.h"
#include "engine/core/body.h"
#include "engine/core/ids.h"
#include "engine/core/message.h"
#include "engine/core/outcome.h"

namespace causeway {

struct WorkQueue {
  ChannelId channel;
  DestinationId destination;  ///< 0: the channel's runs.
  auto operator<=>(const WorkQueue&) const = default;
};

struct WorkRef {
  MessageId message;
  RunNumber run;
  DestinationId destination;  ///< 0: the run itself.
  std::uint16_t part = 0;     ///< Of what the run made for the destination: 0, 1, …
  auto operator<=>(const WorkRef&) const = default;
};

/// Did the sender get its answer? Apart from what happened to the message. Stored: append only.
enum class ReplyState : std::uint8_t {
  None = 0,     ///< The protocol or the sender wants none.
  Sent = 1,     ///< Handed to the operating system whole.
  Lost = 2,     ///< The connection was gone.
  Unknown = 3,  ///< The engine ended before it knew.
};

std::string_view to_string(ReplyState state);

/// What the sender was told.
struct ReplyRecord {
  std::string bytes;
  ReplyState state = ReplyState::Unknown;
  SystemTime at;
  bool timed_out = false;  ///< The configured code was given because the outcome took too long.
};

/// How a run ended. Stored: append only.
enum class RunState : std::uint8_t {
  Passed = 1,      ///< It has deliveries (or children).
  Filtered = 2,    ///< A stage dropped it: accepted, and done.
  Failed = 3,      ///< A stage failed; `attention` says what happens next.
  Suppressed = 4,  ///< A duplicate; not run.
  Suspect = 5,     ///< It was being run at two crashes; not run again by itself.
  Discarded = 6,   ///< An operator's decision.
};

std::string_view to_string(RunState state);

/// What one stage did. `log` and `error` may hold patient data: sealed.
struct Step {
  std::string stage;
  std::string log;
  std::optional<Error> error;
  std::chrono::microseconds took{0};
};

/// What a run was told from outside its message and deployment: with the same inputs it makes the
/// same again. Sealed when stored.
struct RecordedInput {
  std::string
      stage;         ///< Who asked; empty: it is state of the run's lane, as it was before the run.
  std::string name;  ///< What was asked for.
  Bytes bytes;       ///< The answer; null: there was none.
};

/// A value that a run leaves to the next of its lane.
struct StateChange {
  std::string name;
  std::string value;
};

/// Where a change is kept, and what of it: see engine/core/lane_state.h.
struct StateRow {
  std::uint64_t lane = 0;  ///< Its first order key.
  std::uint64_t key = 0;   ///< Keyed hash of the name.
  StateChange change;      ///< Sealed when stored.
};

struct DeliveryRecord {
  DestinationId destination;
  std::uint16_t part = 0;  ///< Its place among the passage's deliveries to the same destination.
  ContentType content_type = ContentType::Binary;
  Body body;                    ///< The bytes to send.
  bool same_as_input = false;   ///< Body is the message's own: it is not stored twice.
  SharedAttributes attributes;  ///< For the destination.
  bool armed = false;           ///< It is sent as soon as this is committed.
  std::uint16_t flags = 0;      ///< message_flags::possible_duplicate
  OrderKeys order_keys;
};

/// Why a piece of work needs eyes or waits. Stored: append only.
enum class AttentionState : std::uint8_t {
  Waiting = 1,  ///< For its next try, at `due`.
  Trying = 2,   ///< A further try has begun; without an outcome it is Ambiguous.
  Held = 3,     ///< Its lane stands still until somebody decides.
  Behind = 4,   ///< In a lane that stands still, behind another.
  Parked = 5,   ///< Its lane has gone on without it.
};

std::string_view to_string(AttentionState state);

struct AttentionRow {
  WorkQueue queue;
  WorkRef work;
  AttentionState state = AttentionState::Parked;
  Outcome outcome = Outcome::Deferred;  ///< Of the last attempt; Rejected for a failed run.
  ErrorKind kind = ErrorKind::None;
  bool suspect = false;
  std::uint16_t attempts = 0;
  std::uint16_t flags = 0;
  SystemTime since;  ///< When the first of it happened.
  SystemTime due;    ///< Next try (Waiting).
  OrderKeys order_keys;
  std::string reason;  ///< Sealed when stored.
};

/// What the engine or a person did with a piece of work. Stored: append only.
enum class WorkEvent : std::uint8_t {
  Begun = 1,            ///< A try is about to start (where the delivery was not armed).
  Settled = 2,          ///< A try ended: `outcome`.
  Disarmed = 3,         ///< An armed or begun try that was not made, provably.
  GaveUp = 4,           ///< Terminal: no more tries.
  Skipped = 5,          ///< Terminal, by a person: not sent.
  MarkedDelivered = 6,  ///< Terminal, by a person.
  Discarded = 7,        ///< Terminal, by a person.
  Released = 8,         ///< A person let it go on.
};

std::string_view to_string(WorkEvent event);

struct AttemptRecord {
  WorkRef work;
  WorkEvent event = WorkEvent::Settled;
  std::uint16_t attempt = 1;
  Outcome outcome = Outcome::Delivered;  ///< With Settled.
  /// No further event is to come: the delivery is over. (A parked delivery is not over.)
  bool terminal = true;
  ErrorKind kind = ErrorKind::None;
  SystemTime at;
  std::string response;  ///< Sealed when stored.
  std::string text;      ///< Reason, of the engine or a person; sealed when stored.
};

/// One passage of a message through its channel: what one run did, in one transaction.
struct Passage {
  MessageId message;
  RunNumber run{1};
  ChannelId channel;
  DeploymentId deployment;
  Cause cause = Cause::Arrival;
  RunState state = RunState::Passed;
  SystemTime at;
  std::vector<Step> steps;
  std::vector<DeliveryRecord> deliveries;
  std::vector<Arrival> children;        ///< Hops to other channels: accepted in this transaction.
  std::vector<AttentionRow> attention;  ///< Put: inserted, or replaced by its WorkRef.
  std::vector<WorkRef> attention_settled;  ///< Deleted.
  std::optional<ReplyRecord> reply;
  std::vector<RecordedInput> inputs;
  std::vector<StateRow> states;  ///< Put: the last value of a (channel, lane, key) holds.
  Bytes input;  ///< The message's bytes, if at hand: dictionary for compressing the outputs.
};

/// Outcomes and replies, in one transaction.
struct Settlement {
  std::vector<AttemptRecord> attempts;
  std::vector<AttentionRow> attention;     ///< Put: inserted, or replaced by its WorkRef.
  std::vector<WorkRef> attention_settled;  ///< Deleted.
  MessageId reply_to;                      ///< With `reply`.
  /// Nothing waits for it: it may be held back for a moment, to be committed with what comes next.
  bool patient = false;
  std::optional<ReplyRecord> reply;
  /// Whose retention holds, where neither attempts nor attention tell (a reply alone).
  ChannelId channel;
};

/// A committed message without a passage.
struct OpenRun {
  MessageId message;
  OrderKeys order_keys;
  std::uint64_t body_bytes = 0;
  std::uint16_t flags = 0;
};

/// A committed delivery without a terminal event and without an attention row.
struct OpenDelivery {
  WorkRef work;
  OrderKeys order_keys;
  std::uint64_t body_bytes = 0;
  std::uint16_t flags = 0;
  bool armed = false;  ///< Armed or begun, and neither settled nor disarmed since.
  std::uint16_t attempts = 0;
};

/// The bytes to send and what goes with them.
struct StoredDelivery {
  WorkRef work;
  ContentType content_type = ContentType::Binary;
  Body body;
  std::uint16_t flags = 0;
  SharedAttributes attributes = {};
};

}  // namespace causeway

template <>
struct std::hash<causeway::WorkRef> {
  std::size_t operator()(const causeway::WorkRef& work) const {
    const auto rest = static_cast<std::uint64_t>(work.destination.value) << 32 ^
                      static_cast<std::uint64_t>(work.part) << 16 ^
                      static_cast<std::uint64_t>(work.run.value);
    return std::hash<causeway::MessageId>{}(work.message) ^ rest * 0xD6E8FEB86659FD93u;
  }
};
