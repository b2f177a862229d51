#include "engine/store/journal/row_maker.h"

#include <algorithm>
#include <mutex>

#include "engine/core/limits.h"
#include "engine/store/journal/records.h"

namespace causeway::store {
namespace {

/// Columns other than the sealed ones, with PostgreSQL's own, take about this much.
constexpr std::size_t row_bytes = 200;

Status check_limits(const OrderKeys& keys, std::size_t body_bytes) {
  if (keys.size() > limits::order_keys_max)
    return Error{ErrorKind::Limit, "order keys",
                 "more than " + std::to_string(limits::order_keys_max)};
  if (body_bytes > limits::inline_body_bytes)
    return Error{
        ErrorKind::Limit, "body",
        "larger than " + std::to_string(limits::inline_body_bytes) + " bytes; it has to be staged"};
  return Done{};
}

}  // namespace

std::uint64_t seal_part(RunNumber run) {
  return static_cast<std::uint64_t>(run.value) << 48;
}

std::uint64_t seal_part(const WorkRef& work) {
  return seal_part(work.run) | static_cast<std::uint64_t>(work.part) << 32 |
         static_cast<std::uint32_t>(work.destination.value);
}

std::int64_t to_stored(SystemTime time) {
  return time.time_since_epoch().count();
}

SystemTime from_stored(std::int64_t microseconds) {
  return SystemTime(std::chrono::microseconds(microseconds));
}

void RetentionClasses::set_channel(ChannelId channel, RetentionClass retention) {
  std::unique_lock lock(mutex_);
  channels_[channel] = retention;
}

void RetentionClasses::set_destination(DestinationId destination, ChannelId channel) {
  std::unique_lock lock(mutex_);
  destinations_[destination] = channel;
}

RetentionClass RetentionClasses::of(ChannelId channel) const {
  std::shared_lock lock(mutex_);
  auto at = channels_.find(channel);
  return at == channels_.end() ? RetentionClass{} : at->second;
}

RetentionClass RetentionClasses::of(DestinationId destination) const {
  std::shared_lock lock(mutex_);
  auto channel = destinations_.find(destination);
  if (channel == destinations_.end()) return {};
  auto at = channels_.find(channel->second);
  return at == channels_.end() ? RetentionClass{} : at->second;
}

std::vector<RetentionClass> RetentionClasses::all() const {
  std::shared_lock lock(mutex_);
  std::vector<RetentionClass> found{RetentionClass{}};
  for (const auto& [channel, retention] : channels_)
    if (std::none_of(found.begin(), found.end(),
                     [&](auto known) { return known.value == retention.value; }))
      found.push_back(retention);
  return found;
}

Result<SealedRows> RowMaker::accept(const Arrival& arrival, Place place) const {
  SealedRows rows;
  if (auto done = add_message(rows, arrival, place); !done) return done.error();
  return rows;
}

Status RowMaker::add_message(SealedRows& rows, const Arrival& arrival, Place place) const {
  const auto& body = arrival.draft.body;
  if (auto done = check_limits(arrival.order_keys, body.view().size()); !done) return done;
  if (arrival.terms.size() > limits::search_terms_max)
    return Error{ErrorKind::Limit, "search terms",
                 "more than " + std::to_string(limits::search_terms_max)};
  const auto retention = classes_.of(arrival.channel);
  auto sealed = sealer_.seal({place.id.value, Role::Message, 0}, retention, pack_message(arrival));
  if (!sealed) return sealed.error();
  MessageRow row;
  row.id = place.id.value;
  row.received_at = to_stored(arrival.received_at);
  row.body_bytes = static_cast<std::int64_t>(body.size());
  row.order_keys = arrival.order_keys;
  row.duplicate = arrival.duplicate;
  row.body = body.staged().value;
  row.channel = arrival.channel.value;
  row.retention = retention.value;
  row.flags = arrival.flags;
  row.sealed = std::move(*sealed);
  row.term_bucket = place.term_bucket;
  auto facets = facets_.of(arrival, place.id);
  row.type_key = facets.type;
  row.peer_key = facets.peer;
  row.facets = std::move(facets.terms);
  row.terms = term_hashes(arrival, row);
  if (arrival.draft.origin) row.origin = origin_key(arrival);
  for (const auto& link : arrival.draft.links) {
    row.links.push_back({row.id, link.parent.value, link.kind, true});
    row.links.push_back({link.parent.value, row.id, link.kind, false});
  }
  if (body.is_staged()) rows.bindings.push_back({row.body, row.id, row.retention});
  rows.bytes += row_bytes + row.sealed.size() + 60 * row.terms.size();
  rows.messages.push_back(std::move(row));
  return Done{};
}

std::vector<std::int64_t> RowMaker::term_hashes(const Arrival& arrival,
                                                const MessageRow& row) const {
  auto terms = row.facets;
  const auto day = day_of(MessageId{row.id});
  for (const auto& term : arrival.terms)
    terms.push_back(sealer_.term(
        term.path, day, std::string_view(term.value).substr(0, limits::search_value_bytes)));
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

void RowMaker::committed(const MessageRow& message) const {
  facets_.committed(MessageId{message.id}, message.facets);
}

OriginKey RowMaker::origin_key(const Arrival& arrival) const {
  const auto& origin = *arrival.draft.origin;
  return {arrival.channel.value, to_stored(hash_.hash("origin high", origin.source)),
          to_stored(hash_.hash("origin low", origin.source)), to_stored(origin.position)};
}

Result<SealedRows> RowMaker::record(const Passage& passage,
                                    const std::vector<Place>& children) const {
  SealedRows rows;
  if (auto done = add_passage(rows, passage); !done) return done.error();
  for (std::size_t i = 0; i < children.size(); ++i)
    if (auto done = add_message(rows, passage.children[i], children[i]); !done) return done.error();
  if (auto done = add_attention(rows, passage.attention, passage.attention_settled); !done)
    return done.error();
  if (auto done = add_states(rows, passage); !done) return done.error();
  return rows;
}

Status RowMaker::add_passage(SealedRows& rows, const Passage& passage) const {
  const auto retention = classes_.of(passage.channel);
  const auto id = passage.message.value;
  PassageRow row;
  row.id = id;
  row.at = to_stored(passage.at);
  row.channel = passage.channel.value;
  row.deployment = passage.deployment.value;
  row.run = passage.run.value;
  row.cause = static_cast<std::int16_t>(passage.cause);
  row.state = static_cast<std::int16_t>(passage.state);
  row.retention = retention.value;
  if (passage.deliveries.size() > limits::outputs_max)
    return Error{ErrorKind::Limit, "deliveries",
                 "more than " + std::to_string(limits::outputs_max)};
  for (const auto& delivery : passage.deliveries) {
    const auto inline_bytes = delivery.same_as_input ? 0 : delivery.body.view().size();
    if (auto done = check_limits(delivery.order_keys, inline_bytes); !done) return done;
    row.destinations.push_back(delivery.destination.value);
    if (!delivery.same_as_input && delivery.body.is_staged())
      rows.bindings.push_back({delivery.body.staged().value, id, retention.value});
  }
  row.deliveries = pack_deliveries(passage.deliveries);
  if (!passage.steps.empty() || !passage.inputs.empty()) {
    auto steps = sealer_.seal({id, Role::Steps, seal_part(passage.run)}, retention,
                              pack_steps(passage.steps, passage.inputs));
    if (!steps) return steps.error();
    row.steps = std::move(*steps);
  }
  if (auto plain = pack_outputs(passage.deliveries); !plain.empty()) {
    std::string_view input = passage.input ? *passage.input : std::string_view();
    if (input.size() > limits::inline_body_bytes) input = {};  // not stored with the message
    if (!input.empty()) row.form = form_against_input;
    auto outputs =
        sealer_.seal({id, Role::Output, seal_part(passage.run)}, retention, plain, input);
    if (!outputs) return outputs.error();
    row.outputs = std::move(*outputs);
  }
  if (passage.reply) {
    auto reply = reply_cells(passage.message, retention, *passage.reply);
    if (!reply) return reply.error();
    row.reply = std::move(*reply);
  }
  rows.bytes += row_bytes + row.deliveries.size() + row.steps.size() + row.outputs.size();
  rows.passages.push_back(std::move(row));
  return Done{};
}

Status RowMaker::add_states(SealedRows& rows, const Passage& passage) const {
  const auto retention = classes_.of(passage.channel);
  for (const auto& row : passage.states) {
    auto sealed = sealer_.seal({passage.message.value, Role::State, row.key}, retention,
                               pack_state(row.change));
    if (!sealed) return sealed.error();
    rows.bytes += row_bytes + sealed->size();
    rows.states.push_back({passage.channel.value, to_stored(row.lane), to_stored(row.key),
                           passage.message.value, retention.value, std::move(*sealed)});
  }
  return Done{};
}

Result<ReplyCells> RowMaker::reply_cells(MessageId message, RetentionClass retention,
                                         const ReplyRecord& reply) const {
  ReplyCells cells;
  cells.at = to_stored(reply.at);
  cells.bits = static_cast<std::int16_t>(static_cast<int>(reply.state) | reply.timed_out << 8);
  auto sealed = sealer_.seal({message.value, Role::Reply, 0}, retention, reply.bytes);
  if (!sealed) return sealed.error();
  cells.sealed = std::move(*sealed);
  return cells;
}

Status RowMaker::add_attention(SealedRows& rows, const std::vector<AttentionRow>& puts,
                               const std::vector<WorkRef>& settled) const {
  for (const auto& work : settled) rows.attention.push_back({work, std::nullopt});
  for (const auto& put : puts) {
    const auto retention = classes_.of(put.queue.channel);
    AttentionCells cells{put, retention.value};
    if (!put.reason.empty()) {
      auto sealed =
          sealer_.seal({put.work.message.value, Role::Reason, seal_part(put.work)}, retention,
                       std::string_view(put.reason).substr(0, limits::error_text_bytes));
      if (!sealed) return sealed.error();
      cells.row.reason = std::move(*sealed);
    }
    rows.bytes += row_bytes + cells.row.reason.size();
    rows.attention.push_back({put.work, std::move(cells)});
  }
  return Done{};
}

RetentionClass RowMaker::class_of(const Settlement& settlement) const {
  if (!settlement.attention.empty()) return classes_.of(settlement.attention[0].queue.channel);
  for (const auto& attempt : settlement.attempts)
    if (attempt.work.destination) return classes_.of(attempt.work.destination);
  return classes_.of(settlement.channel);
}

Status RowMaker::add_attempts(SealedRows& rows, const Settlement& settlement) const {
  const auto retention = class_of(settlement);
  for (const auto& attempt : settlement.attempts) {
    SettlementRow row;
    row.work = attempt.work;
    row.at = to_stored(attempt.at);
    row.event = static_cast<std::int16_t>(attempt.event);
    row.attempt = static_cast<std::int16_t>(attempt.attempt);
    row.outcome = static_cast<std::int16_t>(attempt.outcome);
    row.kind = static_cast<std::int16_t>(attempt.kind);
    row.retention = retention.value;
    row.terminal = attempt.terminal;
    if (auto plain = pack_attempt(attempt); !plain.empty()) {
      auto sealed = sealer_.seal(
          {attempt.work.message.value, Role::Response, seal_part(attempt.work)}, retention, plain);
      if (!sealed) return sealed.error();
      row.content = std::move(*sealed);
    }
    rows.bytes += row_bytes + row.content.size();
    rows.settlements.push_back(std::move(row));
  }
  return Done{};
}

Result<SealedRows> RowMaker::settle(const Settlement& settlement) const {
  SealedRows rows;
  if (auto done = add_attempts(rows, settlement); !done) return done.error();
  if (auto done = add_attention(rows, settlement.attention, settlement.attention_settled); !done)
    return done.error();
  if (!settlement.reply) return rows;
  auto reply = reply_cells(settlement.reply_to, class_of(settlement), *settlement.reply);
  if (!reply) return reply.error();
  auto at = std::find_if(rows.settlements.begin(), rows.settlements.end(),
                         [&](const auto& row) { return row.work.message == settlement.reply_to; });
  if (at == rows.settlements.end()) {
    SettlementRow alone;
    alone.work.message = settlement.reply_to;
    alone.at = reply->at;
    alone.retention = class_of(settlement).value;
    at = rows.settlements.insert(at, std::move(alone));
  }
  rows.bytes += reply->sealed.size() + row_bytes;
  at->reply = std::move(*reply);
  return rows;
}

}  // namespace causeway::store
