#include "engine/store/queries/message_search.h"

#include <algorithm>

#include "engine/core/limits.h"
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

Column channels_column(const std::vector<ChannelId>& channels) {
  Column column(ColumnType::Int4);
  for (auto channel : channels) column.add(channel.value);
  return column;
}

Column ids_column(const std::vector<MessageId>& ids) {
  Column column(ColumnType::Int8);
  for (auto id : ids) column.add(id.value);
  return column;
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
  if (range.from >= range.before) return SearchPage{};
  return request.term ? find_term(request, range) : find_recent(request, range);
}

Result<SearchPage> MessageSearch::find_recent(const SearchRequest& request, Range range) {
  auto channels = channels_column(request.channels);
  const auto rows = static_cast<std::int64_t>(request.rows);
  const auto examined = request.channels.empty() ? rows : static_cast<std::int64_t>(examined_max);
  auto answer = pool_.query(view_sql::recent, Params()
                                                  .integer(range.from.value)
                                                  .integer(range.before.value)
                                                  .integer(examined)
                                                  .array(channels.array())
                                                  .integer(rows));
  if (!answer) return answer.error();
  SearchPage page;
  const auto ids = ids_of(answer->integers(0, 0));
  if (auto done = add_found(request, ids, page); !done) return done.error();
  if (ids.size() == request.rows)
    page.next = ids.back();
  else if (answer->integer(0, 2) == examined)
    page.next = MessageId{answer->integer(0, 1)};
  return page;
}

Result<SearchPage> MessageSearch::find_term(const SearchRequest& request, Range range) {
  const auto until = std::chrono::steady_clock::now() + page_patience;
  SearchPage page;
  for (;;) {
    auto day = newest_day(range);
    if (!day) return day.error();
    if (!*day) return page;
    auto ids = ids_with_term(request, **day, range, request.rows);
    if (!ids) return ids.error();
    if (auto done = add_found(request, *ids, page); !done) return done.error();
    range.before = ids->size() == request.rows ? ids->back() : first_id_of(**day);
    // A page may be fuller than asked for: all that one look brought stays together.
    if (page.found.size() < request.rows && std::chrono::steady_clock::now() < until) continue;
    if (range.from < range.before) page.next = range.before;
    return page;
  }
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

Result<std::vector<MessageId>> MessageSearch::ids_with_term(const SearchRequest& request, Day day,
                                                            Range range, std::size_t rows) {
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
                                           .integer(static_cast<std::int64_t>(rows)));
  if (!answer) return answer.error();
  std::vector<MessageId> ids;
  for (std::size_t i = 0; i < answer->size(); ++i) ids.push_back({answer->integer(i, 0)});
  return ids;
}

Status MessageSearch::add_found(const SearchRequest& request, const std::vector<MessageId>& ids,
                                SearchPage& page) {
  if (ids.empty()) return Done{};
  auto id_column = ids_column(ids);
  auto channels = channels_column(request.channels);
  auto rows = pool_.query(view_sql::summaries,
                          Params()
                              .array(id_column.array())
                              .array(channels.array())
                              .integer(std::min_element(ids.begin(), ids.end())->value)
                              .integer(std::max_element(ids.begin(), ids.end())->value));
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    FoundMessage found;
    found.message = clear_message_of(*rows, i, MessageId{rows->integer(i, 10)});
    found.body_bytes = static_cast<std::uint64_t>(rows->integer(i, 2));
    if (auto state = rows->maybe(i, 11)) found.state = static_cast<RunState>(*state);
    found.needs_attention = rows->boolean(i, 12);
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

}  // namespace causeway::store
