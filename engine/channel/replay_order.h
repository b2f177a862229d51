// A message that is sent through its channel once more: from the task and the original to the
// order, and from the order to what it goes through. Values and functions; thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/channel/ports.h"
#include "engine/core/replay.h"

namespace causeway::channel {

/// What became of an original, as far as a replay needs it.
struct Original {
  StoredMessage message;
  DeploymentId deployment;              ///< Of its last run; 0: it has not been run.
  std::vector<ReplayOrder::Sent> sent;  ///< What that run made.
  std::vector<AttentionRow> attention;
  SystemTime released_at;  ///< When somebody last let it go; zero: never.
};

/// The same for every try of a task at an original, so that there is one replay of it.
Origin replay_origin(ReplayId task, MessageId original);
/// The task of a replay. Damaged: it isn't one's origin.
Result<ReplayId> replay_of(const Origin& origin);
/// NotFound: the original lacks what the plan asks for.
Result<ReplayOrder> order_of(const ReplayPlan& plan, const Original& original);

/// A bit of message_flags. Of work: a person has given it another content (ReplayOrders::edited);
/// of a message: it is such a content, and not run by itself.
inline constexpr std::uint16_t edited_flag = 64;
/// Of the message that holds it: one piece of work has the same source each time it is edited. A
/// message's further runs are the same piece of work.
Origin edit_origin(const WorkRef& work, SystemTime at);

/// What the history of the work says when it goes on with an edit's content, and why.
std::string edit_text(MessageId content, const std::string& reason);
/// The edit that an event of a history names.
std::optional<MessageId> edit_in(const AttemptRecord& record);
/// Whose content the work went on with last; 0: its own.
MessageId last_edit(const std::vector<AttemptRecord>& history, const WorkRef& work);

/// Content that a person gives: inline, or staged if it is large. Blocks on the store.
Result<Body> kept_content(BodyStaging& staging, std::string_view content);

/// What a replayed message goes through, at hand.
struct ReplayMeans {
  ReplayOrder order;
  std::shared_ptr<const TransformationFactory> through;  ///< nullptr: the channel's present one.
  std::optional<RunResult> made;                         ///< Without a run.
};

/// Of a message with the flag `replay`. Blocks on the store.
Result<ReplayMeans> replay_means(const Ports& ports, const StoredMessage& message);
/// Blocks on the store.
Result<Body> edited_content(const Ports& ports, const WorkRef& work);
/// Takes out what is for other destinations than those ordered.
void keep_ordered(const ReplayOrder& order, RunResult& result);

}  // namespace causeway::channel
