// Rows of one verb of the journal, sealed and ready to be written. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/work.h"

namespace causeway::store {

struct OriginKey {
  std::int32_t channel = 0;
  std::int64_t high = 0;  ///< 128-bit hash of the source
  std::int64_t low = 0;
  std::int64_t position = 0;
};

struct LinkRow {
  std::int64_t id = 0;
  std::int64_t other = 0;
  LinkKind kind = LinkKind::Hop;
  bool up = true;  ///< `other` is the parent.
};

struct BindingRow {
  std::int64_t body = 0;
  std::int64_t message = 0;
  std::int16_t retention = 0;
};

struct MessageRow {
  std::int64_t id = 0;
  std::int64_t received_at = 0;
  std::int64_t body_bytes = 0;
  OrderKeys order_keys;
  DuplicateKey duplicate;
  std::int64_t body = 0;  ///< Staged; 0: inline.
  std::int32_t channel = 0;
  std::int16_t retention = 0;
  std::uint16_t flags = 0;
  std::string sealed;
  std::int32_t type_key = 0;  ///< See facets.h; 0: none.
  std::int32_t peer_key = 0;
  std::int64_t term_bucket = 0;
  std::vector<std::int64_t> terms;   ///< Those of its facets too.
  std::vector<std::int64_t> facets;  ///< Those of `terms` that stand for its whole block.
  std::optional<OriginKey> origin;
  std::vector<LinkRow> links;
};

struct ReplyCells {
  std::int64_t at = 0;
  std::int16_t bits = 0;  ///< ReplyState | timed out << 8
  std::string sealed;
};

struct PassageRow {
  std::int64_t id = 0;
  std::int64_t at = 0;
  std::int32_t channel = 0;
  std::int32_t deployment = 0;
  std::int16_t run = 0;
  std::int16_t cause = 0;
  std::int16_t state = 0;
  std::int16_t retention = 0;
  std::int16_t form = 0;
  std::vector<std::int32_t> destinations;
  std::string deliveries;
  std::string steps;    ///< Empty: none.
  std::string outputs;  ///< Empty: none.
  std::optional<ReplyCells> reply;
};

/// passage.form: the outputs are compressed against the message's body.
inline constexpr std::int16_t form_against_input = 1;

struct SettlementRow {
  WorkRef work;
  std::int64_t at = 0;
  std::int16_t event = 0;  ///< 0: a reply alone.
  std::int16_t attempt = 0;
  std::int16_t outcome = 0;
  std::int16_t kind = 0;
  std::int16_t retention = 0;
  bool terminal = false;
  std::string content;  ///< Empty: none.
  std::optional<ReplyCells> reply;
};

struct AttentionCells {
  AttentionRow row;  ///< Its `reason` is sealed.
  std::int16_t retention = 0;
};

/// What happens to the attention row of a piece of work: put, or (without cells) deleted.
struct AttentionChange {
  WorkRef work;
  std::optional<AttentionCells> cells;
};

struct StateCells {
  std::int32_t channel = 0;
  std::int64_t lane = 0;
  std::int64_t key = 0;
  std::int64_t message = 0;
  std::int16_t retention = 0;
  std::string sealed;
};

struct SealedRows {
  std::vector<MessageRow> messages;
  std::vector<PassageRow> passages;
  std::vector<SettlementRow> settlements;
  std::vector<AttentionChange> attention;
  std::vector<BindingRow> bindings;
  std::vector<StateCells> states;
  std::size_t bytes = 0;  ///< About what they weigh.
};

}  // namespace causeway::store
