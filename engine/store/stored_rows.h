// Rows of the journal turned back into the values they were. Pure, but for the sealer.
#pragma once

#include "engine/core/work.h"
#include "engine/store/journal/records.h"
#include "engine/store/postgres/rows.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

/// What is said of content that retention has removed (NotFound).
Error content_removed(const char* what);

/// From the columns order_key and more_keys.
OrderKeys order_keys_of(const Rows& rows, std::size_t row, int first, int more);

/// The columns of work_sql::attention. Opens the reason.
Result<AttentionRow> attention_row_of(const Rows& rows, std::size_t row, Sealer& sealer);

/// From the columns (reply, reply_at, reply_bits), of which `column` is the first. Where the
/// content is gone, state and time are left.
Result<ReplyRecord> reply_of_cells(const Rows& rows, std::size_t row, int column, MessageId id,
                                   Sealer& sealer);

struct FoundDelivery {
  PackedDelivery delivery;
  std::size_t output = 0;  ///< Its place among the passage's outputs.
};
/// From the columns destinations and deliveries. NotFound: the passage has none for it.
Result<FoundDelivery> find_delivery(const Rows& rows, std::size_t row, int destinations,
                                    int deliveries, DestinationId destination);

/// How an event changes what is open of a delivery.
void apply_event(WorkEvent event, OpenDelivery& delivery);

/// What the body of a delivery is made from.
struct PassageCells {
  MessageId id;
  RunNumber run;
  bool against_input = false;
  std::string_view outputs;  ///< Sealed.
  std::string_view message;  ///< Sealed.
  BodyId message_body;       ///< Staged.
  std::uint64_t message_bytes = 0;
};
Result<Body> open_delivery_body(const PassageCells& cells, const FoundDelivery& found,
                                Sealer& sealer);

}  // namespace causeway::store
