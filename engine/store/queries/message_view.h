// Everything that is known of one message: body, runs with their steps and deliveries, every
// attempt, replies, links both ways, and what needs attention. For administrators. Thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/work.h"
#include "engine/store/postgres/connection_pool.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

struct DeliveryView {
  DestinationId destination;
  std::uint16_t part = 0;
  ContentType content_type = ContentType::Binary;
  std::uint16_t flags = 0;
  std::uint64_t body_bytes = 0;
  bool same_as_input = false;
  bool armed = false;
};

struct RunView {
  RunNumber run;
  DeploymentId deployment;
  Cause cause = Cause::Arrival;
  RunState state = RunState::Passed;
  SystemTime at;
  std::vector<Step> steps;
  std::vector<RecordedInput> inputs;
  std::vector<DeliveryView> deliveries;
};

struct LinkView {
  MessageId other;
  LinkKind kind = LinkKind::Hop;
  bool up = true;  ///< `other` is the parent.
};

struct MessageView {
  StoredMessage message;
  std::uint64_t body_bytes = 0;
  /// Content that can't be shown any more (its retention is over, its key destroyed): the first
  /// error. Numbers, times and states are there all the same.
  std::optional<Error> content_error;
  std::vector<RunView> runs;
  std::vector<AttemptRecord> attempts;  ///< Of runs and deliveries, as they happened.
  std::vector<ReplyRecord> replies;     ///< As they were recorded; the last holds.
  std::vector<LinkView> links;
  std::vector<AttentionRow> attention;
};

class MessageViews {
 public:
  MessageViews(ConnectionPool& pool, Sealer& sealer) : pool_(pool), sealer_(sealer) {}

  /// NotFound: no such message.
  Result<MessageView> show(MessageId id);
  /// Whose message it is; nothing of its content is opened. NotFound: no such message.
  Result<ChannelId> channel_of(MessageId id);

 private:
  Status add_runs(MessageView& view);
  Status add_settlements(MessageView& view);
  Status add_links(MessageView& view);
  Status add_attention(MessageView& view);

  ConnectionPool& pool_;
  Sealer& sealer_;
};

}  // namespace causeway::store
