#include "engine/store/queries/message_search.h"

#include <algorithm>

#include "engine/core/limits.h"
#include "engine/store/journal/facets.h"
#include "engine/store/postgres/column.h"
#include "engine/store/queries/view_queries.h"
#include "engine/store/stored_rows.h"

namespace causeway::store {
namespace {

constexpr std::int64_t last_unix_ms = id_epoch_ms + (std::int64_t{1} << 41) - 1;

MessageId first_id_at(SystemTime time) {
  const auto ms = std::chrono::ceil<Milliseconds>(time).time_since_epoch().count();
  return make_message_id(std::clamp(ms, id_epoch_ms, last_unix_ms), NodeId{0}, 0);
}

template <class Value>
std::int64_t number_of(Value value) {
  if constexpr (std::is_enum_v<Value>)
    return static_cast<std::int64_t>(value);
  else
    return value.value;
}

template <class Value>
Column column_of(ColumnType type, const std::vector<Value>& values) {
  Column column(type);
  for (auto value : values) column.add(number_of(value));
  return column;
}

bool wants_attention(const SearchRequest& request) {
  return !request.attention.empty() || !request.kinds.empty();
}

/// The states and kinds asked for; all of them where none is named.
Column states_column(const SearchRequest& request) {
  if (!request.attention.empty()) return column_of(ColumnType::Int2, request.attention);
  using S = AttentionState;
  return column_of<S>(ColumnType::Int2, {S::Waiting, S::Trying, S::Held, S::Behind, S::Parked});
}

Column kinds_column(const SearchRequest& request) {
  if (!request.kinds.empty()) return column_of(ColumnType::Int2, request.kinds);
  Column column(ColumnType::Int2);
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::Internal); ++kind) column.add(kind);
  return column;
}

MessageId block_start(MessageId id) {
  return {id.value >> facet_block_bits << facet_block_bits};
}

/// The most blocks that one look by facets spans: somewhat more than a day.
constexpr std::int64_t stride_max = 64 * 8 * 8 * 8 * 8;

std::vector<MessageId> first_column(const Rows& rows) {
  std::vector<MessageId> ids;
  for (std::size_t i = 0; i < rows.size(); ++i) ids.push_back({rows.integer(i, 0)});
  return ids;
}

std::vector<MessageId> ids_of(const std::vector<std::int64_t>& numbers) {
  std::vector<MessageId> ids;
  for (auto number : numbers) ids.push_back(MessageId{number});
  return ids;
}

}  // namespace

Result<SearchPage> MessageSearch::find(const SearchRequest& request) {
  if (request.rows == 0 || request.rows > SearchRequest::rows_max)
    return Error{ErrorKind::Limit, "rows",
                 "must be from 1 to " + std::to_string(SearchRequest::rows_max)};
  Range range{first_id_at(request.from), first_id_at(request.to)};
  if (request.before) range.before = std::min(range.before, request.before);
  const auto until = std::chrono::steady_clock::now() + page_patience;
  SearchPage page;
  Stride stride;
  while (range.from < range.before) {
    auto seen = look(request, range, stride);
    if (!seen) return seen.error();
    if (auto done = add_found(request, seen->ids, page); !done) return done.error();
    range.before = seen->down_to;
    // A page may be fuller than asked for: all that one look brought stays together.
    const bool over = page.found.size() >= request.rows || std::chrono::steady_clock::now() > until;
    if (!over) continue;
    if (range.from < range.before) page.next = range.before;
    break;
  }
  return page;
}

Result<MessageSearch::Look> MessageSearch::look(const SearchRequest& request, Range range,
                                                Stride& stride) {
  if (request.cause != 0) return look_cause(request, range);
  if (request.term) return look_term(request, range);
  if (wants_attention(request)) return look_attention(request, range);
  const bool led_by_channels =
      !request.channels.empty() && request.channels.size() <= led_channels_max;
  if (!request.type.empty() || !request.peer.empty() || led_by_channels)
    return look_facets(request, range, stride);
  return look_recent(request, range);
}

Result<MessageSearch::Look> MessageSearch::look_recent(const SearchRequest& request, Range range) {
  auto channels = column_of(ColumnType::Int4, request.channels);
  auto runs = column_of(ColumnType::Int2, request.runs);
  const auto rows = static_cast<std::int64_t>(request.rows);
  const bool filtered = !request.channels.empty() || !request.runs.empty();
  const auto examined = filtered ? static_cast<std::int64_t>(examined_max) : rows;
  auto answer = pool_.query(view_sql::recent, Params()
                                                  .integer(range.from.value)
                                                  .integer(range.before.value)
                                                  .integer(examined)
                                                  .array(channels.array())
                                                  .integer(rows)
                                                  .array(runs.array()));
  if (!answer) return answer.error();
  Look look{ids_of(answer->integers(0, 0)), range.from};
  if (look.ids.size() == request.rows)
    look.down_to = look.ids.back();
  else if (answer->integer(0, 2) == examined)
    look.down_to = MessageId{answer->integer(0, 1)};
  return look;
}

Result<MessageSearch::Look> MessageSearch::look_attention(const SearchRequest& request,
                                                          Range range) {
  auto states = states_column(request);
  auto kinds = kinds_column(request);
  auto channels = column_of(ColumnType::Int4, request.channels);
  auto answer =
      pool_.query(view_sql::in_attention, Params()
                                              .array(states.array())
                                              .array(kinds.array())
                                              .integer(range.from.value)
                                              .integer(range.before.value)
                                              .array(channels.array())
                                              .integer(static_cast<std::int64_t>(request.rows)));
  if (!answer) return answer.error();
  Look look{first_column(*answer), range.from};
  if (look.ids.size() == request.rows) look.down_to = look.ids.back();
  return look;
}

Result<MessageSearch::Look> MessageSearch::look_cause(const SearchRequest& request, Range range) {
  auto answer =
      pool_.query(view_sql::with_cause, Params()
                                            .integer(static_cast<std::int64_t>(request.cause))
                                            .integer(range.from.value)
                                            .integer(range.before.value)
                                            .integer(static_cast<std::int64_t>(request.rows)));
  if (!answer) return answer.error();
  Look look{first_column(*answer), range.from};
  if (look.ids.size() == request.rows) look.down_to = look.ids.back();
  return look;
}

Result<std::optional<Day>> MessageSearch::newest_day(Range range) {
  // A bucket may begin before the range; it begins and ends on one day.
  const auto from = first_id_of(day_of(range.from));
  auto answer = pool_.query(view_sql::newest_bucket,
                            Params().integer(from.value).integer(range.before.value));
  if (!answer) return answer.error();
  if (answer->empty() || range.from >= range.before) return std::optional<Day>();
  return std::optional(day_of(MessageId{answer->integer(0, 0)}));
}

Result<MessageSearch::Look> MessageSearch::look_term(const SearchRequest& request, Range range) {
  auto newest = newest_day(range);
  if (!newest) return newest.error();
  if (!*newest) return Look{{}, range.from};
  const Day day = **newest;
  const auto value = std::string_view(request.term->value).substr(0, limits::search_value_bytes);
  const auto start = first_id_of(day);
  const auto end = first_id_of(day + std::chrono::days(1));
  auto answer =
      pool_.query(view_sql::with_term, Params()
                                           .integer(sealer_.term(request.term->path, day, value))
                                           .integer(start.value)
                                           .integer(end.value)
                                           .integer(std::max(start, range.from).value)
                                           .integer(std::min(end, range.before).value)
                                           .integer(static_cast<std::int64_t>(request.rows)));
  if (!answer) return answer.error();
  Look look{first_column(*answer), start};
  if (look.ids.size() == request.rows) look.down_to = look.ids.back();
  return look;
}

Result<MessageSearch::Look> MessageSearch::look_facets(const SearchRequest& request, Range range,
                                                       Stride& stride) {
  auto newest = newest_day(range);
  if (!newest) return newest.error();
  if (!*newest) return Look{{}, range.from};
  const Day day = **newest;
  const auto start = first_id_of(day);
  const auto before = std::min(first_id_of(day + std::chrono::days(1)), range.before);
  const MessageId last_block = block_start({before.value - 1});
  const MessageId reach{last_block.value - ((stride.blocks - 1) << facet_block_bits)};
  const auto from = std::max({start, range.from, reach});
  const MessageId blocks_end{last_block.value + (std::int64_t{1} << facet_block_bits)};

  Column terms(ColumnType::Int8), bits(ColumnType::Int4);
  Column types(ColumnType::Int4), peers(ColumnType::Int4);
  auto channels = column_of(ColumnType::Int4, request.channels);
  int all = 0;
  auto want = [&](std::int64_t term, int bit) {
    terms.add(term);
    bits.add(bit);
    all |= bit;
    return facet_key(term);
  };
  if (!request.type.empty()) types.add(want(type_term(sealer_, day, request.type), 1));
  if (!request.peer.empty()) peers.add(want(peer_term(sealer_, day, request.peer), 2));
  if (request.channels.size() <= led_channels_max)
    for (auto channel : request.channels) want(channel_term(sealer_, day, channel), 4);
  auto answer =
      pool_.query(view_sql::with_facets, Params()
                                             .array(terms.array())
                                             .array(bits.array())
                                             .integer(start.value)
                                             .integer(block_start(from).value)
                                             .integer(blocks_end.value)
                                             .integer(from.value)
                                             .integer(before.value)
                                             .normal(all)
                                             .array(types.array())
                                             .array(peers.array())
                                             .array(channels.array())
                                             .integer(static_cast<std::int64_t>(request.rows)));
  if (!answer) return answer.error();
  Look look{first_column(*answer), from};
  if (look.ids.size() == request.rows) look.down_to = look.ids.back();
  if (look.ids.empty()) stride.blocks = std::min(8 * stride.blocks, stride_max);
  return look;
}

Status MessageSearch::add_found(const SearchRequest& request, const std::vector<MessageId>& ids,
                                SearchPage& page) {
  if (ids.empty()) return Done{};
  auto id_column = column_of(ColumnType::Int8, ids);
  auto channels = column_of(ColumnType::Int4, request.channels);
  auto states = states_column(request);
  auto kinds = kinds_column(request);
  auto rows =
      pool_.query(view_sql::summaries, Params()
                                           .array(id_column.array())
                                           .array(channels.array())
                                           .integer(std::min_element(ids.begin(), ids.end())->value)
                                           .integer(std::max_element(ids.begin(), ids.end())->value)
                                           .array(states.array())
                                           .array(kinds.array()));
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    FoundMessage found;
    found.message = clear_message_of(*rows, i, MessageId{rows->integer(i, 10)});
    found.body_bytes = static_cast<std::uint64_t>(rows->integer(i, 2));
    if (auto state = rows->maybe(i, 11)) found.state = static_cast<RunState>(*state);
    found.needs_attention = rows->boolean(i, 12);
    if (wants_attention(request) && !rows->boolean(i, 13)) continue;
    if (!matches(request, found, rows->integer32(i, 14), rows->integer32(i, 15))) continue;
    auto opened = open_message(rows->bytes(i, 9), sealer_, found.message);
    if (!opened) {
      const auto kind = opened.error().kind;
      if (kind != ErrorKind::NotFound && kind != ErrorKind::Damaged) return opened;
      found.content_gone = true;
    } else if (request.term && request.verify && !request.verify(found.message)) {
      continue;
    }
    page.found.push_back(std::move(found));
  }
  return Done{};
}

bool MessageSearch::matches(const SearchRequest& request, const FoundMessage& found,
                            std::int32_t type_key, std::int32_t peer_key) {
  const auto& runs = request.runs;
  const auto day = day_of(found.message.id);
  if (!runs.empty() &&
      (!found.state || std::find(runs.begin(), runs.end(), *found.state) == runs.end()))
    return false;
  if (!request.type.empty() && type_key != facet_key(type_term(sealer_, day, request.type)))
    return false;
  return request.peer.empty() || peer_key == facet_key(peer_term(sealer_, day, request.peer));
}

}  // namespace causeway::store
