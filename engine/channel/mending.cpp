#include "engine/channel/mending.h"

#include <algorithm>
#include <future>

#include "engine/channel/replay_order.h"
#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

WorkEvent event_of(MendingVerb verb) {
  if (verb == MendingVerb::Skip) return WorkEvent::Skipped;
  if (verb == MendingVerb::MarkDelivered) return WorkEvent::MarkedDelivered;
  return WorkEvent::Discarded;
}

bool shares_a_lane(const OrderKeys& one, const OrderKeys& other) {
  return std::any_of(one.begin(), one.end(), [&](auto key) {
    return std::find(other.begin(), other.end(), key) != other.end();
  });
}

bool fits(const MendingSelection& selection, const AttentionRow& row) {
  const bool waits = row.state == AttentionState::Held || row.state == AttentionState::Parked ||
                     row.state == AttentionState::Waiting;
  if (selection.states.empty() ? !waits : !selection.states.contains(row.state)) return false;
  if (selection.message && row.work.message != *selection.message) return false;
  if (selection.run && row.work.run != *selection.run) return false;
  if (selection.part && row.work.part != *selection.part) return false;
  return !selection.kind || row.kind == *selection.kind;
}

/// Rows of this queue, page by page, for as long as `take` says.
Status each_row(WorkReader& reader, const MendingSelection& selection,
                const std::function<bool(AttentionRow&)>& take) {
  WorkRef after;
  // The last that is not of the message, whatever its run, destination and part.
  if (selection.message) after.message = MessageId{selection.message->value - 1};
  if (selection.message) after.run.value = INT16_MAX;
  for (;;) {
    auto page = reader.attention(selection.queue, after, limits::queue_page);
    if (!page) return page.error();
    for (auto& row : *page) {
      if (selection.message && row.work.message > *selection.message) return Done{};
      if (!take(row)) return Done{};
    }
    if (page->size() < limits::queue_page) return Done{};
    after = page->back().work;
  }
}

Result<OrderKeys> keys_of(WorkReader& reader, const MendingSelection& selection) {
  MendingSelection wanted;
  wanted.queue = selection.queue;
  wanted.message = selection.lane_of;
  std::optional<OrderKeys> keys;
  auto read = each_row(reader, wanted, [&](AttentionRow& row) {
    keys = std::move(row.order_keys);
    return false;
  });
  if (!read) return read.error();
  if (keys) return std::move(*keys);
  return Error{ErrorKind::NotFound, "", "this message neither waits nor is held or parked here"};
}

}  // namespace

std::string_view to_string(MendingVerb verb) {
  switch (verb) {
    case MendingVerb::Retry:
      return "retry";
    case MendingVerb::Skip:
      return "skip";
    case MendingVerb::MarkDelivered:
      return "mark-delivered";
    case MendingVerb::Discard:
      return "discard";
  }
  CHECK(false);
}

Result<std::vector<AttentionRow>> Mending::rows(const MendingSelection& selection, bool& more) {
  std::optional<OrderKeys> lane;
  if (selection.lane_of) {
    auto keys = keys_of(reader_, selection);
    if (!keys) return keys.error();
    lane = std::move(*keys);
  }
  std::vector<AttentionRow> chosen;
  auto read = each_row(reader_, selection, [&](AttentionRow& row) {
    if (!fits(selection, row)) return true;
    const bool itself = row.work.message == selection.lane_of;
    if (lane && !itself && !shares_a_lane(*lane, row.order_keys)) return true;
    more = chosen.size() == selection.rows_max;
    if (!more) chosen.push_back(std::move(row));
    return !more;
  });
  if (!read) return read.error();
  return chosen;
}

Result<MendingResult> Mending::select(const MendingSelection& selection) {
  MendingResult result;
  auto chosen = rows(selection, result.more);
  if (!chosen) return chosen.error();
  for (const auto& row : *chosen) result.done.push_back(row.work);
  return result;
}

Result<MendingResult> Mending::decide(const MendingSelection& selection, MendingVerb verb,
                                      const std::string& reason) {
  std::lock_guard lock(mutex_);
  auto* channel = find_(selection.queue.channel);
  if (!channel) return Error{ErrorKind::NotFound, "", "the channel does not run"};
  if (!selection.queue.destination && verb == MendingVerb::MarkDelivered)
    return Error{ErrorKind::Invalid, "", "a run is not delivered: retry or discard it"};
  MendingResult result;
  auto chosen = rows(selection, result.more);
  if (!chosen) return chosen.error();
  for (const auto& row : *chosen) {
    if (auto status = one(*channel, row, verb, reason); status)
      result.done.push_back(row.work);
    else
      result.refused.push_back({row.work, status.error()});
  }
  if (auto committed = commit_(); !committed) return committed.error();
  return result;
}

Result<Mending::Edited> Mending::edit(const MendingSelection& selection, Body content,
                                      const std::string& reason, SystemTime now) {
  std::lock_guard lock(mutex_);
  auto* channel = find_(selection.queue.channel);
  if (!channel) return Error{ErrorKind::NotFound, "", "the channel does not run"};
  bool more = false;
  auto chosen = rows(selection, more);
  if (!chosen) return chosen.error();
  if (chosen->empty())
    return Error{ErrorKind::NotFound, "", "this neither waits nor is held or parked here"};
  if (chosen->size() > 1) return Error{ErrorKind::Conflict, "", "there are several: name the part"};
  auto row = chosen->front();
  // It may be tried at any moment, and would take a content that is kept for it and then refused.
  if (row.state == AttentionState::Waiting && (row.flags & edited_flag) != 0)
    return Error{ErrorKind::Conflict, "",
                 "it has another content already, and waits to be sent: pause its destination and "
                 "skip it, or edit it when it is held"};
  auto message = reader_.message(row.work.message);
  if (!message) return message.error();
  Draft draft = message->arrival.draft;
  if (row.work.destination) {
    auto delivery = reader_.delivery(row.work);
    if (!delivery) return delivery.error();
    draft.content_type = delivery->content_type;
  }
  draft.body = std::move(content);
  draft.links = {{row.work.message, LinkKind::Edit}};
  draft.origin = edit_origin(row.work, now);
  auto kept = keep_(*channel, std::move(draft));
  if (!kept) return kept.error();
  // What somebody else has decided meanwhile holds: the content is kept then, and not used.
  row.flags |= edited_flag;
  const auto text = edit_text(kept->message, reason).substr(0, limits::error_text_bytes);
  if (auto released = channel->release(row, row.outcome == Outcome::Ambiguous, text); !released)
    return released.error();
  if (auto committed = commit_(); !committed) return committed.error();
  return Edited{row.work, kept->message};
}

Result<Receipt> Mending::keep_and_wait(Channel& channel, Draft draft) {
  auto answer = std::make_shared<std::promise<Result<Receipt>>>();
  auto answered = answer->get_future();
  channel.keep_edit(std::move(draft),
                    [answer](const Result<Receipt>& receipt) { answer->set_value(receipt); });
  return answered.get();
}

Status Mending::one(Channel& channel, const AttentionRow& row, MendingVerb verb,
                    const std::string& reason) {
  // What may have arrived is told to the receiver as possibly sent before.
  auto text = reason.substr(0, limits::error_text_bytes);
  if (verb == MendingVerb::Retry)
    return channel.release(row, row.outcome == Outcome::Ambiguous, std::move(text));
  return channel.close(row, event_of(verb), std::move(text));
}

Mending::Commit commit_of(Journal& journal) {
  // Settlements commit in order: when an empty one is answered, all before it are committed.
  return [&journal] {
    auto answer = std::make_shared<std::promise<Status>>();
    auto answered = answer->get_future();
    journal.settle({}, [answer](const Status& status) { answer->set_value(status); });
    return answered.get();
  };
}

}  // namespace causeway::channel
