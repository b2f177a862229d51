#include "engine/store/queries/message_view.h"

#include <map>

#include "engine/store/journal/row_maker.h"
#include "engine/store/queries/view_queries.h"
#include "engine/store/stored_rows.h"

namespace causeway::store {
namespace {

/// True if this says that content is gone: it is noted, and the rest shown.
bool note_missing(MessageView& view, const Error& error) {
  if (error.kind != ErrorKind::NotFound && error.kind != ErrorKind::Damaged) return false;
  if (!view.content_error) view.content_error = error;
  return true;
}

std::vector<DeliveryView> deliveries_of(const std::vector<std::int64_t>& destinations,
                                        const std::vector<PackedDelivery>& packed) {
  std::vector<DeliveryView> deliveries;
  std::map<std::int64_t, std::uint16_t> parts;
  for (std::size_t i = 0; i < destinations.size() && i < packed.size(); ++i)
    deliveries.push_back({DestinationId{static_cast<std::int32_t>(destinations[i])},
                          parts[destinations[i]]++, packed[i].content_type, packed[i].flags,
                          packed[i].body_bytes, packed[i].same_as_input, packed[i].armed});
  return deliveries;
}

Status open_steps(Sealer& sealer, MessageId id, std::string_view sealed, RunView& run) {
  auto plain = sealer.open({id.value, Role::Steps, seal_part(run.run)}, sealed);
  if (!plain) return plain.error();
  auto stored = unpack_steps(*plain);
  if (!stored) return stored.error();
  run.steps = std::move(stored->steps);
  run.inputs = std::move(stored->inputs);
  return Done{};
}

Status open_attempt(Sealer& sealer, std::string_view sealed, AttemptRecord& attempt) {
  auto plain =
      sealer.open({attempt.work.message.value, Role::Response, seal_part(attempt.work)}, sealed);
  if (!plain) return plain.error();
  return unpack_attempt(*plain, attempt);
}

AttemptRecord attempt_of(const Rows& rows, std::size_t i, MessageId id) {
  AttemptRecord attempt;
  attempt.work = {id, RunNumber{static_cast<std::int16_t>(rows.integer(i, 0))},
                  DestinationId{rows.integer32(i, 1)},
                  static_cast<std::uint16_t>(rows.integer(i, 12))};
  attempt.event = static_cast<WorkEvent>(rows.integer(i, 2));
  attempt.attempt = static_cast<std::uint16_t>(rows.integer(i, 3));
  attempt.outcome = static_cast<Outcome>(rows.integer(i, 4));
  attempt.kind = static_cast<ErrorKind>(rows.integer(i, 5));
  attempt.terminal = rows.boolean(i, 6);
  attempt.at = from_stored(rows.integer(i, 7));
  return attempt;
}

/// The reply in the columns from `column` on, if there is one.
Status add_reply(MessageView& view, const Rows& rows, std::size_t i, int column, Sealer& sealer) {
  if (rows.is_null(i, column + 1)) return Done{};
  auto reply = reply_of_cells(rows, i, column, view.message.id, sealer);
  if (reply) {
    view.replies.push_back(std::move(*reply));
    return Done{};
  }
  if (!note_missing(view, reply.error())) return reply.error();
  view.replies.push_back(clear_reply_of(rows, i, column));
  return Done{};
}

}  // namespace

Result<MessageView> MessageViews::show(MessageId id) {
  auto rows = pool_.query(view_sql::message, Params().integer(id.value));
  if (!rows) return rows.error();
  if (rows->empty()) return Error{ErrorKind::NotFound, "", "no such message"};
  MessageView view;
  view.message = clear_message_of(*rows, 0, id);
  view.body_bytes = static_cast<std::uint64_t>(rows->integer(0, 2));
  auto opened = open_message(rows->bytes(0, 9), sealer_, view.message);
  if (!opened && !note_missing(view, opened.error())) return opened.error();
  for (auto add : {&MessageViews::add_runs, &MessageViews::add_settlements,
                   &MessageViews::add_links, &MessageViews::add_attention})
    if (auto done = (this->*add)(view); !done) return done.error();
  return view;
}

Result<ChannelId> MessageViews::channel_of(MessageId id) {
  auto rows = pool_.query(view_sql::channel_of, Params().integer(id.value));
  if (!rows) return rows.error();
  if (rows->empty()) return Error{ErrorKind::NotFound, "", "no such message"};
  return ChannelId{rows->integer32(0, 0)};
}

Status MessageViews::add_runs(MessageView& view) {
  auto rows = pool_.query(view_sql::passages, Params().integer(view.message.id.value));
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    RunView run;
    run.run.value = static_cast<std::int16_t>(rows->integer(i, 0));
    run.deployment.value = rows->integer32(i, 1);
    run.cause = static_cast<Cause>(rows->integer(i, 2));
    run.state = static_cast<RunState>(rows->integer(i, 3));
    run.at = from_stored(rows->integer(i, 4));
    auto packed = unpack_deliveries(rows->bytes(i, 6));
    if (!packed) return packed.error();
    run.deliveries = deliveries_of(rows->integers(i, 5), *packed);
    if (!rows->is_null(i, 7)) {
      auto opened = open_steps(sealer_, view.message.id, rows->bytes(i, 7), run);
      if (!opened && !note_missing(view, opened.error())) return opened;
    }
    view.runs.push_back(std::move(run));
    if (auto done = add_reply(view, *rows, i, 8, sealer_); !done) return done;
  }
  return Done{};
}

Status MessageViews::add_settlements(MessageView& view) {
  auto rows = pool_.query(view_sql::settlements, Params().integer(view.message.id.value));
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    if (auto done = add_reply(view, *rows, i, 9, sealer_); !done) return done;
    if (rows->integer(i, 2) == 0) continue;  // a reply alone
    auto attempt = attempt_of(*rows, i, view.message.id);
    if (!rows->is_null(i, 8)) {
      auto opened = open_attempt(sealer_, rows->bytes(i, 8), attempt);
      if (!opened && !note_missing(view, opened.error())) return opened;
    }
    view.attempts.push_back(std::move(attempt));
  }
  return Done{};
}

Status MessageViews::add_links(MessageView& view) {
  auto rows = pool_.query(view_sql::links, Params().integer(view.message.id.value));
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < rows->size(); ++i)
    view.links.push_back({MessageId{rows->integer(i, 0)},
                          static_cast<LinkKind>(rows->integer(i, 1)), rows->boolean(i, 2)});
  return Done{};
}

Status MessageViews::add_attention(MessageView& view) {
  auto rows = pool_.query(view_sql::attention, Params().integer(view.message.id.value));
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    auto row = attention_row_of(*rows, i, sealer_);
    if (!row) return row.error();
    view.attention.push_back(std::move(*row));
  }
  return Done{};
}

}  // namespace causeway::store
