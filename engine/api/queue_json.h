// Queues with work, as the API and `causeway queue show` tell them. Blocks on the store.
#pragma once

#include "engine/api/message_json.h"
#include "engine/api/reads.h"

namespace causeway::api {

inline constexpr std::size_t backlog_counted_max = 10'000;  ///< A backlog is counted up to here.

struct QueueQuery {
  std::string path;                 ///< This channel, or all in this folder; empty: all.
  std::vector<std::string> scopes;  ///< As Caller::scopes.
  std::size_t rows = 10;            ///< So many of what needs attention, of each queue.
};

struct QueueState {
  WorkQueue queue;
  std::size_t queued = 0;  ///< Up to backlog_counted_max.
  MessageId oldest;        ///< Of what is queued.
  std::map<AttentionState, store::QueueView::Part> parts;
  std::vector<AttentionRow> rows;
  std::vector<LaneHold> holds;  ///< By persons.
};

/// Those with work, or held by a person, by channel and destination.
Result<std::vector<QueueState>> queues_with_work(const Reads& reads, const QueueQuery& query);

std::string queue_json(Names& names, const QueueState& queue, Content content);
config::Fields queue_fields(Content content);

}  // namespace causeway::api
