// Rows of the journal turned back into the values they were. Pure, but for the sealer.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/work.h"
#include "engine/store/journal/records.h"
#include "engine/store/postgres/rows.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

/// What is said of content that retention has removed (NotFound).
Error content_removed(const char* what);

/// Of the table message AS m: for clear_message_of.
#define CAUSEWAY_MESSAGE_COLUMNS                                                              \
  "m.channel, m.received_at, m.body_bytes, m.order_key, m.more_keys, m.dup_key, m.dup_print," \
  " m.body, m.flags, m.sealed"

/// The clear columns of a message; the last of the columns is for open_message.
StoredMessage clear_message_of(const Rows& rows, std::size_t row, MessageId id);
/// Adds what is sealed. NotFound: removed; Damaged.
Status open_message(std::string_view sealed, Sealer& sealer, StoredMessage& message);

/// From the columns order_key and more_keys.
OrderKeys order_keys_of(const Rows& rows, std::size_t row, int first, int more);

/// Of the table attention: for attention_row_of.
#define CAUSEWAY_ATTENTION_COLUMNS                                               \
  "message, run, destination, channel, state, outcome, kind, suspect, attempts," \
  " flags, since, due, order_key, more_keys, part, reason"

/// Opens the reason.
Result<AttentionRow> attention_row_of(const Rows& rows, std::size_t row, Sealer& sealer);

/// From the columns (reply, reply_at, reply_bits), of which `column` is the first. Where the
/// content is gone, state and time are left.
ReplyRecord clear_reply_of(const Rows& rows, std::size_t row, int column);
Result<ReplyRecord> reply_of_cells(const Rows& rows, std::size_t row, int column, MessageId id,
                                   Sealer& sealer);

/// How an event changes what is open of a delivery.
void apply_event(WorkEvent event, OpenDelivery& delivery);

/// What the deliveries of a passage are made from.
struct PassageCells {
  MessageId id;
  RunNumber run;
  std::vector<std::int64_t> destinations;
  std::string_view deliveries;
  bool against_input = false;
  std::string_view outputs;  ///< Sealed.
  std::string_view message;  ///< Sealed.
  BodyId message_body;       ///< Staged.
  std::uint64_t message_bytes = 0;
};

/// The deliveries of one passage, with their bytes; each sealed cell is opened once, when needed.
/// The cells outlive it. Used by one thread.
class PassageDeliveries {
 public:
  PassageDeliveries(PassageCells cells, Sealer& sealer)
      : cells_(std::move(cells)), sealer_(sealer) {}

  /// NotFound: the passage has no such delivery, or its content is gone. Damaged.
  Result<StoredDelivery> find(const WorkRef& work);

 private:
  Status unpack();
  Status open_message();
  Status open_outputs();
  Result<Body> body_of(const PackedDelivery& delivery, std::size_t output);
  Result<SharedAttributes> attributes_of(const PackedDelivery& delivery, std::size_t output);
  Result<std::string_view> piece(std::size_t output);

  const PassageCells cells_;
  Sealer& sealer_;
  std::optional<std::vector<PackedDelivery>> packed_;
  std::optional<std::string> message_;
  std::string_view input_;  // within message_
  std::optional<std::string> outputs_;
  std::vector<std::string_view> pieces_;  // of outputs_
};

}  // namespace causeway::store
