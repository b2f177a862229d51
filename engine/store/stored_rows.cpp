#include "engine/store/stored_rows.h"

#include "engine/store/journal/row_maker.h"

namespace causeway::store {

Error content_removed(const char* what) {
  return {ErrorKind::NotFound, "",
          std::string("the content of this ") + what + " is past its retention"};
}

StoredMessage clear_message_of(const Rows& rows, std::size_t row, MessageId id) {
  StoredMessage message;
  message.id = id;
  auto& arrival = message.arrival;
  arrival.channel.value = rows.integer32(row, 0);
  arrival.received_at = from_stored(rows.integer(row, 1));
  arrival.order_keys = order_keys_of(rows, row, 3, 4);
  arrival.duplicate = {static_cast<std::uint64_t>(rows.integer(row, 5)),
                       static_cast<std::uint64_t>(rows.integer(row, 6))};
  arrival.flags = static_cast<std::uint16_t>(rows.integer(row, 8));
  if (auto body = rows.maybe(row, 7))
    arrival.draft.body = Body(BodyId{*body}, static_cast<std::uint64_t>(rows.integer(row, 2)));
  return message;
}

Status open_message(std::string_view sealed, Sealer& sealer, StoredMessage& message) {
  if (sealed.empty()) return content_removed("message");
  auto plain = sealer.open({message.id.value, Role::Message, 0}, sealed);
  if (!plain) return plain.error();
  return unpack_message(*plain, message.arrival);
}

OrderKeys order_keys_of(const Rows& rows, std::size_t row, int first, int more) {
  OrderKeys keys;
  if (rows.is_null(row, first)) return keys;
  keys.push_back(static_cast<std::uint64_t>(rows.integer(row, first)));
  for (auto key : rows.integers(row, more)) keys.push_back(static_cast<std::uint64_t>(key));
  return keys;
}

Result<AttentionRow> attention_row_of(const Rows& rows, std::size_t row, Sealer& sealer) {
  AttentionRow it;
  it.work = {
      MessageId{rows.integer(row, 0)}, RunNumber{static_cast<std::int16_t>(rows.integer(row, 1))},
      DestinationId{rows.integer32(row, 2)}, static_cast<std::uint16_t>(rows.integer(row, 14))};
  it.queue = {ChannelId{rows.integer32(row, 3)}, it.work.destination};
  it.state = static_cast<AttentionState>(rows.integer(row, 4));
  it.outcome = static_cast<Outcome>(rows.integer(row, 5));
  it.kind = static_cast<ErrorKind>(rows.integer(row, 6));
  it.suspect = rows.boolean(row, 7);
  it.attempts = static_cast<std::uint16_t>(rows.integer(row, 8));
  it.flags = static_cast<std::uint16_t>(rows.integer(row, 9));
  it.since = from_stored(rows.integer(row, 10));
  it.due = from_stored(rows.integer(row, 11));
  it.order_keys = order_keys_of(rows, row, 12, 13);
  if (rows.is_null(row, 15)) return it;
  auto reason =
      sealer.open({it.work.message.value, Role::Reason, seal_part(it.work)}, rows.bytes(row, 15));
  if (!reason) return reason.error();
  it.reason = std::move(*reason);
  return it;
}

ReplyRecord clear_reply_of(const Rows& rows, std::size_t row, int column) {
  ReplyRecord reply;
  reply.at = from_stored(rows.integer(row, column + 1));
  const auto bits = rows.integer(row, column + 2);
  reply.state = static_cast<ReplyState>(bits & 0xff);
  reply.timed_out = bits >> 8 != 0;
  return reply;
}

Result<ReplyRecord> reply_of_cells(const Rows& rows, std::size_t row, int column, MessageId id,
                                   Sealer& sealer) {
  auto reply = clear_reply_of(rows, row, column);
  if (rows.is_null(row, column)) return reply;
  auto bytes = sealer.open({id.value, Role::Reply, 0}, rows.bytes(row, column));
  if (!bytes) return bytes.error();
  reply.bytes = std::move(*bytes);
  return reply;
}

void apply_event(WorkEvent event, OpenDelivery& delivery) {
  switch (event) {
    case WorkEvent::Begun:
      delivery.armed = true;
      break;
    case WorkEvent::Settled:
      delivery.armed = false;
      ++delivery.attempts;
      break;
    case WorkEvent::Disarmed:
      delivery.armed = false;
      break;
    default:
      break;
  }
}

Status PassageDeliveries::unpack() {
  if (packed_) return Done{};
  auto packed = unpack_deliveries(cells_.deliveries);
  if (!packed) return packed.error();
  packed_ = std::move(*packed);
  return Done{};
}

Status PassageDeliveries::open_message() {
  if (message_) return Done{};
  if (cells_.message.empty()) return content_removed("message");
  auto opened = sealer_.open({cells_.id.value, Role::Message, 0}, cells_.message);
  if (!opened) return opened.error();
  message_ = std::move(*opened);
  auto body = packed_body(*message_);
  if (!body) return body.error();
  input_ = *body;
  return Done{};
}

Status PassageDeliveries::open_outputs() {
  if (outputs_) return Done{};
  if (cells_.outputs.empty()) return content_removed("delivery");
  if (cells_.against_input)
    if (auto done = open_message(); !done) return done;
  auto opened = sealer_.open({cells_.id.value, Role::Output, seal_part(cells_.run)}, cells_.outputs,
                             cells_.against_input ? input_ : std::string_view());
  if (!opened) return opened.error();
  outputs_ = std::move(*opened);
  auto pieces = unpack_outputs(*outputs_);
  if (!pieces) return pieces.error();
  pieces_ = std::move(*pieces);
  return Done{};
}

Result<StoredDelivery> PassageDeliveries::find(const WorkRef& work) {
  if (auto done = unpack(); !done) return done.error();
  std::size_t output = 0, part = 0;
  for (std::size_t i = 0; i < cells_.destinations.size() && i < packed_->size(); ++i) {
    const auto& delivery = (*packed_)[i];
    if (cells_.destinations[i] == work.destination.value && part++ == work.part) {
      auto attributes = attributes_of(delivery, output);
      if (!attributes) return attributes.error();
      auto body = body_of(delivery, output + (delivery.has_attributes ? 1 : 0));
      if (!body) return body.error();
      return StoredDelivery{work, delivery.content_type, std::move(*body), delivery.flags,
                            std::move(*attributes)};
    }
    output += (delivery.has_attributes ? 1 : 0) + (delivery.has_output() ? 1 : 0);
  }
  return Error{ErrorKind::NotFound, "", "no such delivery"};
}

Result<Body> PassageDeliveries::body_of(const PackedDelivery& delivery, std::size_t output) {
  if (delivery.staged) return Body(delivery.staged, delivery.body_bytes);
  if (delivery.same_as_input && cells_.message_body)
    return Body(cells_.message_body, cells_.message_bytes);
  if (delivery.same_as_input) {
    if (auto done = open_message(); !done) return done.error();
    return Body(make_bytes(std::string(input_)));
  }
  auto bytes = piece(output);
  if (!bytes) return bytes.error();
  return Body(make_bytes(std::string(*bytes)));
}

Result<SharedAttributes> PassageDeliveries::attributes_of(const PackedDelivery& delivery,
                                                          std::size_t output) {
  if (!delivery.has_attributes) return SharedAttributes();
  auto packed = piece(output);
  if (!packed) return packed.error();
  return unpack_attributes(*packed);
}

Result<std::string_view> PassageDeliveries::piece(std::size_t output) {
  if (auto done = open_outputs(); !done) return done.error();
  if (output >= pieces_.size())
    return Error{ErrorKind::Damaged, "", "the stored outputs lack this delivery"};
  return pieces_[output];
}

}  // namespace causeway::store
