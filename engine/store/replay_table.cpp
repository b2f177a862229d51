#include "engine/store/replay_table.h"

#include "engine/store/journal/packing.h"
#include "engine/store/journal/row_maker.h"
#include "engine/store/postgres/column.h"

namespace causeway::store {
namespace replay_sql {

const char* const messages =
    "SELECT message FROM replay_message WHERE replay = $1::bigint AND message > $2::bigint"
    " ORDER BY message LIMIT $3::bigint";

#define CAUSEWAY_REPLAY_COLUMNS                                                                \
  "id, created_at, ended_at, per_second, total, done, refused, position, collected_to, state," \
  " collecting, channel, created_by"

const char* const open =
    "SELECT " CAUSEWAY_REPLAY_COLUMNS " FROM replay WHERE state < 4 ORDER BY id";

}  // namespace replay_sql

namespace {

constexpr const char* add_sql =
    "INSERT INTO replay (created_at, ended_at, per_second, total, done, refused, position,"
    "    collected_to, state, collecting, channel, created_by, plan)"
    " VALUES ($1::bigint, 0, $2::bigint, 0, 0, 0, 0, 0, 1, true, $3::text, $4::text, $5::bytea)"
    " RETURNING id";
constexpr const char* task_sql =
    "SELECT " CAUSEWAY_REPLAY_COLUMNS ", plan FROM replay WHERE id = $1::bigint";
constexpr const char* tasks_sql = "SELECT " CAUSEWAY_REPLAY_COLUMNS
                                  " FROM replay WHERE ($1::bigint = 0 OR id < $1::bigint)"
                                  " ORDER BY id DESC LIMIT $2::bigint";
// One statement is one transaction; done twice it changes nothing more.
constexpr const char* collected_sql =
    "WITH added AS (INSERT INTO replay_message (replay, message, refused)"
    "    SELECT $1::bigint, m, 0 FROM unnest($2::bigint[]) AS u(m) ON CONFLICT DO NOTHING"
    "    RETURNING message)"
    " UPDATE replay SET collected_to = $3::bigint,"
    "    total = total + (SELECT count(*) FROM added) WHERE id = $1::bigint";
constexpr const char* progressed_sql =
    "WITH moved AS (UPDATE replay SET position = $3::bigint, done = done + $4::bigint,"
    "      refused = refused + $5::bigint"
    "    WHERE id = $1::bigint AND position = $2::bigint RETURNING id)"
    " UPDATE replay_message r SET refused = u.kind FROM moved,"
    "    unnest($6::bigint[], $7::smallint[]) AS u(message, kind)"
    " WHERE r.replay = moved.id AND r.message = u.message";
constexpr const char* change_sql =
    "UPDATE replay SET state = $2::smallint, ended_at = $3::bigint,"
    "    collecting = collecting AND $2::smallint <> 2"
    " WHERE id = $1::bigint AND state = ANY ($4::smallint[])";
constexpr const char* forget_sql =
    "DELETE FROM replay_message WHERE replay = $1::bigint AND refused = 0";
constexpr const char* plan_sql = "UPDATE replay SET plan = $2::bytea WHERE id = $1::bigint";
constexpr const char* refusals_sql =
    "SELECT message, refused FROM replay_message WHERE replay = $1::bigint AND refused <> 0"
    " ORDER BY message LIMIT $2::bigint";

/// Plans are kept for as long as their task is, so no day's retention is theirs.
constexpr RetentionClass for_ever{0};

SealPlace place_of(SystemTime created_at) {
  const auto ms = std::chrono::floor<Milliseconds>(created_at).time_since_epoch().count();
  return {make_message_id(ms, NodeId{}, 0).value, Role::Setting,
          static_cast<std::uint64_t>(to_stored(created_at))};
}

// Bits of a packed plan.
constexpr std::uint64_t content_bit = 1;
constexpr std::uint64_t edited_bit = 2;

std::string pack(const ReplayPlan& plan) {
  Packer packer;
  packer.number(plan.messages.size());
  for (auto message : plan.messages) packer.number(static_cast<std::uint64_t>(message.value));
  packer.text(plan.selection).number(static_cast<std::uint64_t>(plan.through));
  packer.number(plan.destinations.size());
  for (const auto& destination : plan.destinations) packer.text(destination);
  packer.number(plan.part ? *plan.part + 1u : 0u).text(plan.reason);
  packer.number((plan.content ? content_bit : 0) | (plan.edited ? edited_bit : 0));
  return packer.rest(plan.content ? *plan.content : std::string()).take();
}

Result<ReplayPlan> unpack(std::string_view packed) {
  Unpacker unpacker(packed);
  ReplayPlan plan;
  plan.messages.resize(unpacker.count());
  for (auto& message : plan.messages) message.value = static_cast<std::int64_t>(unpacker.number());
  plan.selection = unpacker.text();
  plan.through = static_cast<ReplayThrough>(unpacker.number());
  plan.destinations.resize(unpacker.count());
  for (auto& destination : plan.destinations) destination = unpacker.text();
  if (const auto part = unpacker.number()) plan.part = static_cast<std::uint16_t>(part - 1);
  plan.reason = unpacker.text();
  const auto bits = unpacker.number();
  if (!unpacker.ok()) return Error{ErrorKind::Damaged, "", "a stored replay cannot be read"};
  plan.edited = (bits & edited_bit) != 0;
  if ((bits & content_bit) != 0) plan.content = make_bytes(std::string(unpacker.rest()));
  return plan;
}

ReplayTask task_of(const Rows& rows, std::size_t i) {
  ReplayTask task;
  task.id.value = rows.integer(i, 0);
  task.created_at = from_stored(rows.integer(i, 1));
  task.ended_at = from_stored(rows.integer(i, 2));
  task.per_second = rows.integer(i, 3);
  task.total = rows.integer(i, 4);
  task.done = rows.integer(i, 5);
  task.refused = rows.integer(i, 6);
  task.position.value = rows.integer(i, 7);
  task.collected_to.value = rows.integer(i, 8);
  task.state = static_cast<ReplayState>(rows.integer(i, 9));
  task.was_collecting = rows.boolean(i, 10);
  task.channel = rows.bytes(i, 11);
  task.created_by = rows.bytes(i, 12);
  return task;
}

Result<std::vector<ReplayTask>> all(const Result<Rows>& rows) {
  if (!rows) return rows.error();
  std::vector<ReplayTask> tasks;
  for (std::size_t i = 0; i < rows->size(); ++i) tasks.push_back(task_of(*rows, i));
  return tasks;
}

Status done(const Result<Rows>& rows) {
  if (!rows) return rows.error();
  return Done{};
}

}  // namespace

Result<std::string> ReplayTable::seal(SystemTime created_at, const ReplayPlan& plan) {
  return sealer_.seal(place_of(created_at), for_ever, pack(plan));
}

Result<ReplayId> ReplayTable::add(const ReplayTask& task) {
  auto plan = seal(task.created_at, task.plan);
  if (!plan) return plan.error();
  auto connection = pool_.lend();  // asked once: a second would be a second task
  if (!connection) return connection.error();
  auto added = (*connection)
                   ->query(add_sql, Params()
                                        .integer(to_stored(task.created_at))
                                        .integer(task.per_second)
                                        .bytes(task.channel)
                                        .bytes(task.created_by)
                                        .bytes(*plan));
  if (!added) return added.error();
  return ReplayId{added->integer(0, 0)};
}

Result<ReplayTask> ReplayTable::task(ReplayId id) {
  auto rows = pool_.query(task_sql, Params().integer(id.value));
  if (!rows) return rows.error();
  if (rows->empty()) return Error{ErrorKind::NotFound, "", "there is no replay of this number"};
  auto task = task_of(*rows, 0);
  auto opened = sealer_.open(place_of(task.created_at), rows->bytes(0, 13));
  if (!opened) return opened.error();
  auto plan = unpack(*opened);
  if (!plan) return plan.error();
  task.plan = std::move(*plan);
  return task;
}

Result<std::vector<ReplayTask>> ReplayTable::tasks(ReplayId before, std::size_t rows) {
  return all(pool_.query(tasks_sql,
                         Params().integer(before.value).integer(static_cast<std::int64_t>(rows))));
}

Result<std::vector<ReplayTask>> ReplayTable::open() {
  return all(pool_.query(replay_sql::open));
}

Status ReplayTable::collected(ReplayId id, const std::vector<MessageId>& messages,
                              MessageId down_to) {
  Column ids(ColumnType::Int8);
  for (auto message : messages) ids.add(message.value);
  return done(pool_.query(collected_sql,
                          Params().integer(id.value).array(ids.array()).integer(down_to.value)));
}

Result<std::vector<MessageId>> ReplayTable::messages(ReplayId id, MessageId after,
                                                     std::size_t rows) {
  auto found = pool_.query(
      replay_sql::messages,
      Params().integer(id.value).integer(after.value).integer(static_cast<std::int64_t>(rows)));
  if (!found) return found.error();
  std::vector<MessageId> messages;
  for (std::size_t i = 0; i < found->size(); ++i) messages.push_back({found->integer(i, 0)});
  return messages;
}

Status ReplayTable::progressed(ReplayId id, MessageId from, MessageId position, std::int64_t count,
                               const std::vector<ReplayRefusal>& refused) {
  Column messages(ColumnType::Int8), kinds(ColumnType::Int2);
  for (const auto& refusal : refused) {
    messages.add(refusal.message.value);
    kinds.add(static_cast<std::int64_t>(refusal.kind));
  }
  return done(pool_.query(progressed_sql, Params()
                                              .integer(id.value)
                                              .integer(from.value)
                                              .integer(position.value)
                                              .integer(count)
                                              .integer(static_cast<std::int64_t>(refused.size()))
                                              .array(messages.array())
                                              .array(kinds.array())));
}

Status ReplayTable::change_state(ReplayId id, const std::vector<ReplayState>& from, ReplayState to,
                                 SystemTime at) {
  Column states(ColumnType::Int2);
  for (auto state : from) states.add(static_cast<std::int64_t>(state));
  const auto ended = is_over(to) ? to_stored(at) : 0;
  auto changed = pool_.query(change_sql, Params()
                                             .integer(id.value)
                                             .small(static_cast<std::int16_t>(to))
                                             .integer(ended)
                                             .array(states.array()));
  if (!changed) return changed.error();
  if (changed->affected() == 0)
    return Error{ErrorKind::Conflict, "", "the replay is in another state"};
  return is_over(to) ? forget_content(id) : Status(Done{});
}

Status ReplayTable::forget_content(ReplayId id) {
  if (auto gone = pool_.query(forget_sql, Params().integer(id.value)); !gone) return gone.error();
  auto kept = task(id);
  if (!kept) return kept.error();
  if (!kept->plan.content) return Done{};
  kept->plan.content.reset();
  auto plan = seal(kept->created_at, kept->plan);
  if (!plan) return plan.error();
  return done(pool_.query(plan_sql, Params().integer(id.value).bytes(*plan)));
}

Result<std::vector<ReplayRefusal>> ReplayTable::refusals(ReplayId id, std::size_t rows) {
  auto found = pool_.query(refusals_sql,
                           Params().integer(id.value).integer(static_cast<std::int64_t>(rows)));
  if (!found) return found.error();
  std::vector<ReplayRefusal> refusals;
  for (std::size_t i = 0; i < found->size(); ++i)
    refusals.push_back(
        {MessageId{found->integer(i, 0)}, static_cast<ErrorKind>(found->integer(i, 1))});
  return refusals;
}

}  // namespace causeway::store
