#include "engine/store/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "engine/store/retention_queries.h"

namespace causeway::store {
namespace {

constexpr const char* one_at_a_time_sql = "SELECT pg_try_advisory_lock(6001, 2)";
constexpr const char* done_sql = "SELECT number FROM retained WHERE day = $1::integer";
constexpr const char* classes_sql =
    "SELECT retention FROM data_key WHERE day = $1::integer AND retention > 0 AND wrapped <> ''";
constexpr const char* exists_sql = "SELECT to_regclass($1::text) IS NOT NULL";
constexpr const char* sweep_sql =
    "DELETE FROM body_chunk c WHERE c.body >= $1::bigint AND c.body < $2::bigint"
    " AND NOT EXISTS (SELECT 1 FROM body_of o WHERE o.body = c.body"
    "  AND o.body >= $1::bigint AND o.body < $2::bigint)";
constexpr const char* lock_not_available = "55P03";
constexpr const char* cancel_sql = "SELECT pg_cancel_backend($1::integer)";

// The exchange needs a lock that waits for readers, and lets nobody in meanwhile: short tries.
constexpr auto exchange_tries = 100;
constexpr auto exchange_pause = Milliseconds(200);

/// A day without messages is dropped at this age, for nothing will be written into it any more.
constexpr int youngest_dropped = 2;
/// In the table `retained`: bodies of class n.
constexpr std::int32_t body_number = 100'000;
/// In the table `retained`: messages with open work were carried forward.
constexpr std::int32_t carried_number = 300'000;
constexpr auto sweep_days = std::chrono::days(7);

std::int32_t number_of(Day day) {
  return static_cast<std::int32_t>(day.time_since_epoch().count());
}

Result<std::int64_t> number(Connection& connection, const std::string& sql) {
  auto rows = connection.query(sql.c_str());
  if (!rows) return rows.error();
  return rows->empty() ? 0 : rows->integer(0, 0);
}

/// Runs `work` within a transaction.
template <class Work>
Status in_transaction(Connection& connection, Work work) {
  if (auto begun = connection.run("BEGIN"); !begun) return begun;
  Status done = work();
  auto ended = connection.run(done.ok() ? "COMMIT" : "ROLLBACK");
  return done.ok() ? ended : done;
}

}  // namespace

struct Retention::Due {
  retention_sql::Selection selection;
  bool everything = false;                ///< No row of the day stays.
  bool was_carried = false;               ///< An earlier run left messages with open work.
  std::int64_t open = 0;                  ///< Messages with open work.
  std::vector<std::int32_t> new_numbers;  ///< For the table `retained`.

  Day day() const { return selection.day; }
  bool anything() const { return everything || !new_numbers.empty(); }
  /// Nothing but to say that what was carried forward is still open.
  bool only_waits() const { return was_carried && open > 0 && new_numbers.empty(); }
  bool rows_due() const {
    return std::any_of(new_numbers.begin(), new_numbers.end(),
                       [](auto number) { return number < body_number; });
  }
  bool bodies_due() const {
    return std::any_of(new_numbers.begin(), new_numbers.end(),
                       [](auto number) { return number < 0 || number >= body_number; });
  }
};

Result<std::vector<RetainedDay>> Retention::run(Day today) {
  auto channels = registry_.channels();
  if (!channels) return channels.error();
  auto days = partitions_.days();
  if (!days) return days.error();
  auto connection = Connection::open(target_);
  if (!connection) return connection.error();
  if (auto allowed = connection->allow_long_statements(statement_patience); !allowed)
    return allowed.error();
  auto alone = connection->query(one_at_a_time_sql);
  if (!alone) return alone.error();
  if (!alone->boolean(0, 0))
    return Error{ErrorKind::Conflict, "", "another engine removes what is past its retention"};
  backend_ = connection->backend_pid();
  auto retained = retain_days(*connection, today, *channels, *days);
  backend_ = 0;
  return retained;
}

Result<std::vector<RetainedDay>> Retention::retain_days(Connection& connection, Day today,
                                                        const std::vector<ChannelEntry>& channels,
                                                        const std::vector<Day>& days) {
  std::vector<RetainedDay> retained;
  for (auto day : days) {
    if (stopped_) return Error{ErrorKind::Stopped, "", "stopped"};
    if (day >= today) break;
    auto due = due_on(connection, day, today, channels);
    if (!due) return due.error();
    if (!due->anything() && !due->only_waits()) continue;
    auto done = retain(connection, std::move(*due));
    if (done) {
      retained.push_back(std::move(*done));
      continue;
    }
    log_.warn("retention.failed", {{"day", partition_name("day", day)},
                                   {"kind", std::string(to_string(done.error().kind))}});
    if (!connection.usable()) return done.error();
  }
  if (auto swept = sweep_orphans(connection, today); !swept) return swept.error();
  return retained;
}

void Retention::stop() {
  stopped_ = true;
  const int backend = backend_;
  if (backend == 0) return;
  auto connection = Connection::open(target_);
  if (connection) (void)connection->query(cancel_sql, Params().normal(backend));
}

Result<Retention::Due> Retention::due_on(Connection& connection, Day day, Day today,
                                         const std::vector<ChannelEntry>& channels) {
  const auto age = static_cast<std::int32_t>((today - day).count());
  Due due;
  auto& selection = due.selection;
  selection.day = day;
  std::vector<std::int32_t> numbers;
  for (const auto& channel : channels) {
    const auto& retention = channel.retention;
    if (retention.legal_hold) selection.held.push_back(channel.id.value);
    if (retention.legal_hold || retention.lineage_days == 0 || age <= retention.lineage_days)
      continue;
    selection.channels.push_back(channel.id.value);
    numbers.push_back(-channel.id.value);
  }
  // A class is a number of days, and has a key for each day on which something was sealed under it.
  auto classes = connection.query(classes_sql, Params().normal(number_of(day)));
  if (!classes) return classes.error();
  for (std::size_t i = 0; i < classes->size(); ++i) {
    const auto days = classes->integer32(i, 0);
    if (age > days) selection.classes.push_back(days);
    if (age > days) numbers.push_back(days);
  }
  // A body may have been staged on the day before its message.
  auto bodies = connection.query(retention_sql::body_classes(day).c_str());
  if (!bodies) return bodies.error();
  for (std::size_t i = 0; i < bodies->size(); ++i) {
    const auto days = bodies->integer32(i, 0);
    if (days == 0 || age <= days + 1) continue;
    selection.body_classes.push_back(days);
    numbers.push_back(body_number + days);
  }
  auto done = connection.query(done_sql, Params().normal(number_of(day)));
  if (!done) return done.error();
  std::vector<std::int32_t> done_numbers;
  for (std::size_t i = 0; i < done->size(); ++i) done_numbers.push_back(done->integer32(i, 0));
  due.was_carried =
      std::find(done_numbers.begin(), done_numbers.end(), carried_number) != done_numbers.end();
  if (due.was_carried) {
    auto open = note_open_work(connection, day);
    if (!open) return open.error();
    due.open = *open;
  }
  // Once what was carried is done, all that was due before is due for it.
  if (!due.was_carried || due.open > 0)
    for (auto number : done_numbers) std::erase(numbers, number);
  due.new_numbers = std::move(numbers);
  if (age < youngest_dropped) return due;
  auto left = connection.query(retention_sql::rows_left(selection).c_str());
  if (!left) return left.error();
  due.everything = left->empty();
  return due;
}

Result<RetainedDay> Retention::retain(Connection& connection, Due due) {
  RetainedDay retained;
  retained.day = due.day();
  auto open = note_open_work(connection, due.day());
  if (!open) return open.error();
  due.open = retained.carried = *open;
  if (*open > 0) {
    due.everything = false;
    retained.what = RetainedDay::What::CarriedForward;
    log_.warn("retention.carried_forward", {{"day", partition_name("day", due.day())},
                                            {"open_messages", std::to_string(*open)}});
    if (due.only_waits()) return retained;
  }
  auto before = number(connection, retention_sql::bytes_of(due.day()));
  if (!before) return before.error();
  auto done = due.everything ? drop(connection, due) : rewrite(connection, due);
  if (!done) return done.error();
  auto after = number(connection, retention_sql::bytes_of(due.day()));
  if (!after) return after.error();
  if (due.open == 0)
    retained.what = due.everything ? RetainedDay::What::Dropped : RetainedDay::What::Rewritten;
  retained.bytes_freed = *before - *after;
  if (auto shredded = shred(connection, due); !shredded) return shredded.error();
  log_.info("retention.done", {{"day", partition_name("day", due.day())},
                               {"dropped", due.everything ? "yes" : "no"},
                               {"bytes_freed", std::to_string(retained.bytes_freed)}});
  return retained;
}

Result<std::int64_t> Retention::note_open_work(Connection& connection, Day day) {
  if (auto noted = connection.run(retention_sql::note_open_work(day)); !noted) return noted.error();
  return number(connection, retention_sql::count_open_work(day));
}

Status Retention::drop(Connection& connection, const Due& due) {
  return in_transaction(connection, [&]() -> Status {
    for (const auto& table : partitioned_tables) {
      const auto name = partition_name(table.name, due.day());
      auto dropped = under_short_lock(connection, "DROP TABLE IF EXISTS " + name);
      if (!dropped) return dropped;
    }
    return forget(connection, due);
  });
}

Status Retention::rewrite(Connection& connection, const Due& due) {
  // `message` last: the others are judged by it. Each is right by itself, so a crash in between
  // leaves nothing to mend: the next run does all again.
  for (auto table = std::rbegin(partitioned_tables); table != std::rend(partitioned_tables);
       ++table) {
    if (stopped_) return Error{ErrorKind::Stopped, "", "stopped"};
    if (table->key == "body" ? !due.bodies_due() : !due.rows_due()) continue;
    auto done = in_transaction(connection,
                               [&] { return rewrite_table(connection, *table, due.selection); });
    if (!done) return done;
  }
  return in_transaction(connection, [&] { return forget(connection, due); });
}

Status Retention::rewrite_table(Connection& connection, const PartitionedTable& table,
                                const retention_sql::Selection& selection) {
  const auto name = partition_name(table.name, selection.day);
  auto exists = connection.query(exists_sql, Params().bytes(name));
  if (!exists) return exists.error();
  if (!exists->boolean(0, 0)) return Done{};
  const auto copy = retention_sql::copy(table, selection);
  if (auto copied = connection.run(copy); !copied) return copied;
  return under_short_lock(connection, retention_sql::exchange(table, selection.day));
}

Status Retention::under_short_lock(Connection& connection, const std::string& sql) {
  Status done = Done{};
  for (int tries = 0; tries < exchange_tries && !stopped_; ++tries) {
    done = connection.run("SAVEPOINT before; SET LOCAL lock_timeout = '100ms'; " + sql +
                          "; SET LOCAL lock_timeout = '10s'; RELEASE SAVEPOINT before");
    if (done.ok() || connection.state() != lock_not_available) return done;
    if (auto back = connection.run("ROLLBACK TO SAVEPOINT before"); !back) return back;
    std::this_thread::sleep_for(exchange_pause);
  }
  return done;
}

Status Retention::forget(Connection& connection, const Due& due) {
  auto marks = due.new_numbers;
  if (due.open > 0) marks.push_back(carried_number);
  const auto numbers = retention_sql::number_list(marks);
  if (auto done = connection.run(retention_sql::forget(due.selection, due.everything)); !done)
    return done;
  if (due.everything || due.new_numbers.empty()) return Done{};
  return connection.run(fmt::format(
      "DELETE FROM retained WHERE day = {0} AND number = {1};"
      "INSERT INTO retained (day, number) SELECT {0}, unnest(ARRAY[{2}]) ON CONFLICT DO NOTHING",
      number_of(due.day()), carried_number, numbers));
}

Status Retention::shred(Connection& connection, const Due& due) {
  auto classes = connection.query(classes_sql, Params().normal(number_of(due.day())));
  if (!classes) return classes.error();
  for (std::size_t i = 0; i < classes->size(); ++i) {
    const auto days = classes->integer32(i, 0);
    const auto& over = due.selection.classes;
    if (std::find(over.begin(), over.end(), days) == over.end()) continue;
    if (!due.everything) {
      auto needed = number(connection, retention_sql::needed_content(due.selection, days));
      if (!needed) return needed.error();
      if (*needed != 0) continue;
    }
    const RetentionClass retention{static_cast<std::int16_t>(days)};
    if (auto done = keys_.destroy(retention, due.day()); !done) return done;
  }
  return Done{};
}

Status Retention::sweep_orphans(Connection& connection, SystemTime now) {
  // Only the last days can have any that an earlier run has not seen.
  const auto upto = std::chrono::floor<std::chrono::days>(now - orphan_age);
  auto swept = connection.query(
      sweep_sql,
      Params().integer(first_id_of(upto - sweep_days).value).integer(first_id_of(upto).value));
  if (!swept) return swept.error();
  if (swept->affected() > 0)
    log_.info("retention.orphans_swept", {{"chunks", std::to_string(swept->affected())}});
  return Done{};
}

}  // namespace causeway::store
