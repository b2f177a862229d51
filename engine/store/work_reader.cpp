#include "engine/store/work_reader.h"

#include "engine/store/journal/records.h"
#include "engine/store/journal/row_maker.h"
#include "engine/store/postgres/column.h"
#include "engine/store/stored_rows.h"
#include "engine/store/work_queries.h"

namespace causeway::store {
namespace {

Error not_found(const char* what) {
  return {ErrorKind::NotFound, "", std::string("no such ") + what};
}

/// Of a row of work_sql::deliveries.
PassageCells passage_cells(const Rows& rows, std::size_t row) {
  PassageCells cells;
  cells.id = MessageId{rows.integer(row, 7)};
  cells.run = RunNumber{static_cast<std::int16_t>(rows.integer(row, 8))};
  cells.destinations = rows.integers(row, 0);
  cells.deliveries = rows.bytes(row, 1);
  cells.against_input = (rows.integer(row, 3) & form_against_input) != 0;
  cells.outputs = rows.bytes(row, 2);
  cells.message = rows.bytes(row, 4);
  cells.message_body = BodyId{rows.integer(row, 5)};
  cells.message_bytes = static_cast<std::uint64_t>(rows.integer(row, 6));
  return cells;
}

/// Appends those deliveries of a passage that are neither over nor in `attention`.
Status add_open(const Rows& rows, std::size_t i, DestinationId destination,
                std::vector<OpenDelivery>& open) {
  auto packed = unpack_deliveries(rows.bytes(i, 3));
  if (!packed) return packed.error();
  const auto destinations = rows.integers(i, 2);
  std::vector<OpenDelivery> parts;
  for (std::size_t n = 0; n < destinations.size() && n < packed->size(); ++n) {
    if (destinations[n] != destination.value) continue;
    auto& delivery = (*packed)[n];
    OpenDelivery row;
    row.work = {MessageId{rows.integer(i, 0)},
                RunNumber{static_cast<std::int16_t>(rows.integer(i, 1))}, destination,
                static_cast<std::uint16_t>(parts.size())};
    row.order_keys = std::move(delivery.order_keys);
    row.body_bytes = delivery.body_bytes;
    row.flags = delivery.flags;
    row.armed = delivery.armed;
    parts.push_back(std::move(row));
  }
  std::vector<bool> over(parts.size());
  for (auto event : rows.integers(i, 4)) {
    const auto part = static_cast<std::size_t>(event >> work_sql::part_shift);
    if (part >= parts.size()) continue;
    if ((event & work_sql::terminal_bit) != 0) over[part] = true;
    apply_event(static_cast<WorkEvent>(event & work_sql::event_mask), parts[part]);
  }
  for (auto part : rows.integers(i, 5))
    if (static_cast<std::size_t>(part) < parts.size()) over[static_cast<std::size_t>(part)] = true;
  for (std::size_t part = 0; part < parts.size(); ++part)
    if (!over[part]) open.push_back(std::move(parts[part]));
  return Done{};
}

}  // namespace

Result<MessageId> PostgresWorkReader::last_message() {
  auto rows = pool_.query(work_sql::last_message, Params().integer(node_.value));
  if (!rows) return rows.error();
  MessageId last{rows->empty() ? 0 : rows->integer(0, 0)};
  // A mark may be at a number that was given out and not stored (its origin was known): it must
  // not be given out again, below a mark.
  auto marks = low_waters();
  if (!marks) return marks.error();
  for (const auto& [queue, mark] : *marks)
    if (node_of(mark) == node_) last = std::max(last, mark);
  return last;
}

Result<std::map<WorkQueue, MessageId>> PostgresWorkReader::low_waters() {
  auto rows = pool_.query(work_sql::low_waters);
  if (!rows) return rows.error();
  std::map<WorkQueue, MessageId> marks;
  for (std::size_t i = 0; i < rows->size(); ++i)
    marks[{ChannelId{rows->integer32(i, 0)}, DestinationId{rows->integer32(i, 1)}}] =
        MessageId{rows->integer(i, 2)};
  return marks;
}

Result<std::vector<OpenRun>> PostgresWorkReader::open_runs(ChannelId channel, Page page) {
  auto rows = pool_.query(work_sql::open_runs, Params()
                                                   .normal(channel.value)
                                                   .integer(page.after.value)
                                                   .integer(page.upto.value)
                                                   .integer(static_cast<std::int64_t>(page.rows)));
  if (!rows) return rows.error();
  std::vector<OpenRun> runs;
  for (std::size_t i = 0; i < rows->size(); ++i)
    runs.push_back({MessageId{rows->integer(i, 0)}, order_keys_of(*rows, i, 1, 2),
                    static_cast<std::uint64_t>(rows->integer(i, 3)),
                    static_cast<std::uint16_t>(rows->integer(i, 4))});
  return runs;
}

Result<std::vector<OpenDelivery>> PostgresWorkReader::open_deliveries(WorkQueue queue, Page page) {
  auto rows =
      pool_.query(work_sql::open_deliveries, Params()
                                                 .normal(queue.channel.value)
                                                 .normal(queue.destination.value)
                                                 .integer(page.after.value)
                                                 .integer(page.upto.value)
                                                 .integer(static_cast<std::int64_t>(page.rows)));
  if (!rows) return rows.error();
  std::vector<OpenDelivery> open;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const MessageId id{rows->integer(i, 0)};
    if (open.size() >= page.rows && open.back().work.message != id) break;  // full
    if (auto done = add_open(*rows, i, queue.destination, open); !done) return done.error();
  }
  return open;
}

Result<std::vector<AttentionRow>> PostgresWorkReader::attention_rows(const Rows& rows) const {
  std::vector<AttentionRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto row = attention_row_of(rows, i, sealer_);
    if (!row) return row.error();
    found.push_back(std::move(*row));
  }
  return found;
}

Result<std::vector<AttentionRow>> PostgresWorkReader::attention(WorkQueue queue, WorkRef after,
                                                                std::size_t count) {
  auto rows = pool_.query(work_sql::attention, Params()
                                                   .normal(queue.channel.value)
                                                   .normal(queue.destination.value)
                                                   .integer(after.message.value)
                                                   .small(after.run.value)
                                                   .small(static_cast<std::int16_t>(after.part))
                                                   .integer(static_cast<std::int64_t>(count)));
  if (!rows) return rows.error();
  return attention_rows(*rows);
}

Result<std::vector<AttentionRow>> PostgresWorkReader::behind(WorkQueue queue,
                                                             std::uint64_t order_key,
                                                             std::size_t count) {
  auto rows = pool_.query(work_sql::behind, Params()
                                                .normal(queue.channel.value)
                                                .normal(queue.destination.value)
                                                .integer(to_stored(order_key))
                                                .integer(static_cast<std::int64_t>(count)));
  if (!rows) return rows.error();
  return attention_rows(*rows);
}

Result<StoredMessage> PostgresWorkReader::message(MessageId id) {
  auto rows = pool_.query(work_sql::message, Params().integer(id.value));
  if (!rows) return rows.error();
  if (rows->empty()) return not_found("message");
  auto stored = clear_message_of(*rows, 0, id);
  if (auto done = open_message(rows->bytes(0, 9), sealer_, stored); !done) return done.error();
  return stored;
}

Result<std::optional<std::string>> PostgresWorkReader::state(ChannelId channel, std::uint64_t lane,
                                                             std::uint64_t key) {
  auto rows =
      pool_.query(work_sql::state,
                  Params().normal(channel.value).integer(to_stored(lane)).integer(to_stored(key)));
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<std::string>();
  auto plain = sealer_.open({rows->integer(0, 0), Role::State, key}, rows->bytes(0, 1));
  if (!plain) return plain.error();
  auto change = unpack_state(*plain);
  if (!change) return change.error();
  return std::optional<std::string>(std::move(change->value));
}

Result<StoredDelivery> PostgresWorkReader::delivery(WorkRef work) {
  return std::move(deliveries({work}).front());
}

std::vector<Result<StoredDelivery>> PostgresWorkReader::deliveries(
    const std::vector<WorkRef>& works) {
  std::vector<Result<StoredDelivery>> results(works.size(), not_found("delivery"));
  if (works.empty()) return results;
  Column messages(ColumnType::Int8), runs(ColumnType::Int2);
  auto first = works.front().message, last = first;
  for (const auto& work : works) {
    messages.add(work.message.value);
    runs.add(work.run.value);
    first = std::min(first, work.message);
    last = std::max(last, work.message);
  }
  auto rows = pool_.query(work_sql::deliveries, Params()
                                                    .array(messages.array())
                                                    .array(runs.array())
                                                    .integer(first.value)
                                                    .integer(last.value));
  if (!rows) return std::vector<Result<StoredDelivery>>(works.size(), rows.error());
  std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> row_of;
  for (std::size_t i = 0; i < rows->size(); ++i)
    row_of[{rows->integer(i, 7), rows->integer(i, 8)}] = i;
  std::map<std::size_t, PassageDeliveries> passages;
  for (std::size_t i = 0; i < works.size(); ++i) {
    auto at = row_of.find({works[i].message.value, works[i].run.value});
    if (at == row_of.end()) continue;
    auto passage = passages.find(at->second);
    if (passage == passages.end())
      passage = passages.try_emplace(at->second, passage_cells(*rows, at->second), sealer_).first;
    results[i] = passage->second.find(works[i]);
  }
  return results;
}

Result<std::vector<WorkReader::SeenKey>> PostgresWorkReader::recent_duplicate_keys(
    std::size_t count) {
  auto rows = pool_.query(work_sql::recent_duplicate_keys,
                          Params().integer(static_cast<std::int64_t>(count)));
  if (!rows) return rows.error();
  std::vector<SeenKey> keys;
  for (std::size_t i = 0; i < rows->size(); ++i)
    keys.push_back({MessageId{rows->integer(i, 0)},
                    ChannelId{rows->integer32(i, 1)},
                    {static_cast<std::uint64_t>(rows->integer(i, 2)),
                     static_cast<std::uint64_t>(rows->integer(i, 3))}});
  return keys;
}

Result<std::optional<ReplyRecord>> PostgresWorkReader::reply_of(MessageId id) {
  auto rows = pool_.query(work_sql::reply_of, Params().integer(id.value));
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<ReplyRecord>();
  auto reply = reply_of_cells(*rows, 0, 0, id, sealer_);
  if (!reply) return reply.error();
  return std::optional<ReplyRecord>(std::move(*reply));
}

Result<int> PostgresWorkReader::trying(WorkRef work) {
  auto loan = pool_.lend();
  if (!loan) return loan.error();
  auto rows = (*loan)->query(work_sql::trying, Params()
                                                   .integer(work.message.value)
                                                   .small(work.run.value)
                                                   .normal(work.destination.value)
                                                   .small(static_cast<std::int16_t>(work.part)));
  if (!rows) return rows.error();
  return rows->integer32(0, 0);
}

Status PostgresWorkReader::tried(const std::vector<WorkRef>& works) {
  Column messages(ColumnType::Int8), runs(ColumnType::Int2), destinations(ColumnType::Int4),
      parts(ColumnType::Int2);
  for (const auto& work : works) {
    messages.add(work.message.value);
    runs.add(work.run.value);
    destinations.add(work.destination.value);
    parts.add(work.part);
  }
  auto rows = pool_.query(work_sql::tried, Params()
                                               .array(messages.array())
                                               .array(runs.array())
                                               .array(destinations.array())
                                               .array(parts.array()));
  if (!rows) return rows.error();
  return Done{};
}

}  // namespace causeway::store
