#include "engine/store/journal/batch.h"

#include "engine/store/postgres/column.h"

namespace causeway::store {
namespace {

constexpr Statement insert_messages{
    "insert_messages",
    "INSERT INTO message (id, received_at, body_bytes, order_key, dup_key, dup_print, body,"
    "  channel, class, flags, more_keys, sealed, type_key, peer_key)"
    " SELECT i, r, b, o, k, p, s, c, l, f, m::bigint[], z, ty, pe FROM unnest($1::bigint[], "
    "$2::bigint[],"
    "  $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::integer[],"
    "  $9::smallint[], $10::smallint[], $11::text[], $12::bytea[], $13::integer[],"
    "  $14::integer[]) AS u(i, r, b, o, k, p, s, c, l, f, m, z, ty, pe)"};

constexpr Statement insert_passages{
    "insert_passages",
    "INSERT INTO passage (id, at, reply_at, channel, deployment, run, cause, state, class, form,"
    "  reply_bits, destinations, deliveries, steps, outputs, reply)"
    " SELECT i, a, ra, c, d, r, ca, st, cl, f, rb, ds::integer[], de, sp, o, re FROM unnest("
    "  $1::bigint[], $2::bigint[], $3::bigint[], $4::integer[], $5::integer[], $6::smallint[],"
    "  $7::smallint[], $8::smallint[], $9::smallint[], $10::smallint[], $11::smallint[],"
    "  $12::text[], $13::bytea[], $14::bytea[], $15::bytea[], $16::bytea[])"
    "  AS u(i, a, ra, c, d, r, ca, st, cl, f, rb, ds, de, sp, o, re)"};

constexpr Statement insert_settlements{
    "insert_settlements",
    "INSERT INTO settlement (id, seq, at, reply_at, destination, run, event, attempt, outcome,"
    "  kind, class, reply_bits, terminal, content, reply)"
    " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::integer[],"
    "  $6::smallint[], $7::smallint[], $8::smallint[], $9::smallint[], $10::smallint[],"
    "  $11::smallint[], $12::smallint[], $13::boolean[], $14::bytea[], $15::bytea[])"};

// What is not the only one of its message and destination; it is rare, and so has no column above.
constexpr Statement insert_part_settlements{
    "insert_part_settlements",
    "INSERT INTO settlement (id, seq, at, reply_at, destination, run, event, attempt, outcome,"
    "  kind, class, reply_bits, terminal, content, reply, part)"
    " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::integer[],"
    "  $6::smallint[], $7::smallint[], $8::smallint[], $9::smallint[], $10::smallint[],"
    "  $11::smallint[], $12::smallint[], $13::boolean[], $14::bytea[], $15::bytea[],"
    "  $16::smallint[])"};

constexpr Statement insert_terms{"insert_terms",
                                 "INSERT INTO term (bucket, term, message)"
                                 " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])"};

constexpr Statement insert_buckets{
    "insert_buckets",
    "INSERT INTO term_bucket (bucket) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING"};

constexpr Statement insert_links{
    "insert_links",
    "INSERT INTO link (id, other, kind, up)"
    " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::boolean[])"
    " ON CONFLICT DO NOTHING"};

constexpr Statement insert_bindings{
    "insert_bindings",
    "INSERT INTO body_of (body, message, class)"
    " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[]) ON CONFLICT DO NOTHING"};

constexpr Statement delete_attention{
    "delete_attention",
    "DELETE FROM attention a USING unnest($1::bigint[], $2::smallint[], $3::integer[],"
    "  $4::smallint[]) AS u(message, run, destination, part)"
    " WHERE a.message = u.message AND a.run = u.run AND a.destination = u.destination"
    "  AND a.part = u.part"};

constexpr Statement put_attention{
    "put_attention",
    "INSERT INTO attention (message, since, due, order_key, channel, destination, run, state,"
    "  outcome, kind, class, attempts, flags, suspect, more_keys, reason, part)"
    " SELECT m, s, d, o, c, de, r, st, ou, k, cl, at, f, su, mo::bigint[], re, p FROM unnest("
    "  $1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::integer[], $6::integer[],"
    "  $7::smallint[], $8::smallint[], $9::smallint[], $10::smallint[], $11::smallint[],"
    "  $12::integer[], $13::smallint[], $14::boolean[], $15::text[], $16::bytea[],"
    "  $17::smallint[])"
    "  AS u(m, s, d, o, c, de, r, st, ou, k, cl, at, f, su, mo, re, p)"
    " ON CONFLICT (message, run, destination, part) DO UPDATE SET since = excluded.since,"
    "  due = excluded.due, order_key = excluded.order_key, channel = excluded.channel,"
    "  state = excluded.state, outcome = excluded.outcome, kind = excluded.kind,"
    "  class = excluded.class, attempts = excluded.attempts, flags = excluded.flags,"
    "  suspect = excluded.suspect, more_keys = excluded.more_keys, reason = excluded.reason"};

constexpr Statement put_state{
    "put_state",
    "INSERT INTO script_state (channel, lane, name, message, class, sealed)"
    " SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[],"
    "  $5::smallint[], $6::bytea[])"
    " ON CONFLICT (channel, lane, name) DO UPDATE SET message = excluded.message,"
    "  class = excluded.class, sealed = excluded.sealed"};

constexpr Statement put_low_water{
    "put_low_water",
    "INSERT INTO low_water (channel, destination, message)"
    " SELECT * FROM unnest($1::integer[], $2::integer[], $3::bigint[])"
    " ON CONFLICT (channel, destination) DO UPDATE SET message = excluded.message"
    " WHERE low_water.message < excluded.message"};

constexpr Statement insert_origins{
    "insert_origins",
    "INSERT INTO origin (channel, high, low, position, message)"
    " SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])"
    " ON CONFLICT DO NOTHING"};

constexpr Statement find_origins{
    "find_origins",
    "SELECT o.message FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[])"
    "  WITH ORDINALITY AS u(c, h, l, p, n)"
    " JOIN origin o ON o.channel = c AND o.high = h AND o.low = l AND o.position = p ORDER BY n"};

// An array literal; null where there is nothing to say.
template <class Numbers>
void add_literal(Column& column, const Numbers& numbers, std::size_t from) {
  if (numbers.size() <= from) return column.add_null();
  std::string text = "{";
  for (auto i = from; i < numbers.size(); ++i) {
    if (i > from) text += ',';
    text +=
        std::to_string(static_cast<std::make_signed_t<typename Numbers::value_type>>(numbers[i]));
  }
  column.add_bytes(text + '}');
}

void add_sealed(Column& column, const std::string& sealed) {
  if (sealed.empty())
    column.add_null();
  else
    column.add_bytes(sealed);
}

std::optional<std::int64_t> unless_zero(std::uint64_t value) {
  if (value == 0) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> first_of(const OrderKeys& keys) {
  if (keys.empty()) return std::nullopt;
  return static_cast<std::int64_t>(keys.front());
}

/// One statement with its columns.
struct Insert {
  Statement statement;
  std::vector<Column> columns;

  Insert(Statement it, std::initializer_list<ColumnType> types) : statement(it) {
    for (auto type : types) columns.emplace_back(type);
  }
  Column& operator[](std::size_t n) { return columns[n]; }

  Status send(Connection& connection) {
    Params params;
    for (auto& column : columns) params.array(column.array());
    return connection.send(statement, params);
  }
};

constexpr auto Bool = ColumnType::Bool;
constexpr auto Bytea = ColumnType::Bytea;
constexpr auto Int8 = ColumnType::Int8;
constexpr auto Int4 = ColumnType::Int4;
constexpr auto Int2 = ColumnType::Int2;
constexpr auto Text = ColumnType::Text;

}  // namespace

std::vector<Statement> journal_statements() {
  return {insert_messages,  insert_passages, insert_settlements, insert_part_settlements,
          insert_terms,     insert_buckets,  insert_links,       insert_bindings,
          delete_attention, put_attention,   put_state,          put_low_water,
          insert_origins,   find_origins};
}

struct Batch::Columns {
  Insert messages{
      insert_messages,
      {Int8, Int8, Int8, Int8, Int8, Int8, Int8, Int4, Int2, Int2, Text, Bytea, Int4, Int4}};
  Insert passages{insert_passages,
                  {Int8, Int8, Int8, Int4, Int4, Int2, Int2, Int2, Int2, Int2, Int2, Text, Bytea,
                   Bytea, Bytea, Bytea}};
  Insert settlements{
      insert_settlements,
      {Int8, Int8, Int8, Int8, Int4, Int2, Int2, Int2, Int2, Int2, Int2, Int2, Bool, Bytea, Bytea}};
  Insert part_settlements{insert_part_settlements,
                          {Int8, Int8, Int8, Int8, Int4, Int2, Int2, Int2, Int2, Int2, Int2, Int2,
                           Bool, Bytea, Bytea, Int2}};
  Insert terms{insert_terms, {Int8, Int8, Int8}};
  Insert buckets{insert_buckets, {Int8}};
  Insert links{insert_links, {Int8, Int8, Int2, Bool}};
  Insert bindings{insert_bindings, {Int8, Int8, Int2}};
  Insert attention_gone{delete_attention, {Int8, Int2, Int4, Int2}};
  Insert attention{put_attention,
                   {Int8, Int8, Int8, Int8, Int4, Int4, Int2, Int2, Int2, Int2, Int2, Int4, Int2,
                    Bool, Text, Bytea, Int2}};
  Insert states{put_state, {Int4, Int8, Int8, Int8, Int2, Bytea}};
  Insert low_water{put_low_water, {Int4, Int4, Int8}};
};

Batch::Batch() : columns_(std::make_unique<Columns>()) {}
Batch::~Batch() = default;

void Batch::add(const SealedRows& rows, const There& there, std::int64_t& seq) {
  for (const auto& message : rows.messages)
    if (!there.contains(message.id)) add_message(message);
  for (const auto& passage : rows.passages) add_passage(passage);
  for (const auto& settlement : rows.settlements) add_settlement(settlement, ++seq);
  for (const auto& change : rows.attention)
    attention_[change.work] = change.cells ? &*change.cells : nullptr;
  for (const auto& state : rows.states) states_[{state.channel, state.lane, state.key}] = &state;
  for (const auto& binding : rows.bindings) {
    if (there.contains(binding.message)) continue;
    auto& to = columns_->bindings;
    to[0].add(binding.body);
    to[1].add(binding.message);
    to[2].add(binding.retention);
  }
}

void Batch::add_message(const MessageRow& row) {
  if (witness_.kind != Witness::Kind::Message) witness_ = {Witness::Kind::Message, row.id, 0};
  auto& to = columns_->messages;
  to[0].add(row.id);
  to[1].add(row.received_at);
  to[2].add(row.body_bytes);
  to[3].add(first_of(row.order_keys));
  to[4].add(unless_zero(row.duplicate.key));
  if (row.duplicate.key != 0)
    to[5].add(static_cast<std::int64_t>(row.duplicate.fingerprint));
  else
    to[5].add_null();
  to[6].add(unless_zero(static_cast<std::uint64_t>(row.body)));
  to[7].add(row.channel);
  to[8].add(row.retention);
  to[9].add(row.flags);
  add_literal(to[10], row.order_keys, 1);
  to[11].add_bytes(row.sealed);
  to[12].add(row.type_key);
  to[13].add(row.peer_key);
  for (auto term : row.terms) {
    columns_->terms[0].add(row.term_bucket);
    columns_->terms[1].add(term);
    columns_->terms[2].add(row.id);
  }
  for (const auto& link : row.links) {
    columns_->links[0].add(link.id);
    columns_->links[1].add(link.other);
    columns_->links[2].add(static_cast<std::int64_t>(link.kind));
    columns_->links[3].add(link.up ? 1 : 0);
  }
}

void Batch::add_passage(const PassageRow& row) {
  if (witness_.kind == Witness::Kind::None) witness_ = {Witness::Kind::Passage, row.id, row.run};
  auto& to = columns_->passages;
  to[0].add(row.id);
  to[1].add(row.at);
  to[2].add(row.reply ? std::optional(row.reply->at) : std::nullopt);
  to[3].add(row.channel);
  to[4].add(row.deployment);
  to[5].add(row.run);
  to[6].add(row.cause);
  to[7].add(row.state);
  to[8].add(row.retention);
  to[9].add(row.form);
  to[10].add(row.reply ? std::optional<std::int64_t>(row.reply->bits) : std::nullopt);
  add_literal(to[11], row.destinations, 0);
  add_sealed(to[12], row.deliveries);
  add_sealed(to[13], row.steps);
  add_sealed(to[14], row.outputs);
  add_sealed(to[15], row.reply ? row.reply->sealed : std::string());
}

void Batch::add_settlement(const SettlementRow& row, std::int64_t seq) {
  const auto id = row.work.message.value;
  if (witness_.kind == Witness::Kind::None || witness_.kind == Witness::Kind::Passage)
    witness_ = {Witness::Kind::Settlement, id, seq};
  const auto part = row.work.part;
  auto& to = part == 0 ? columns_->settlements : columns_->part_settlements;
  to[0].add(id);
  to[1].add(seq);
  to[2].add(row.at);
  to[3].add(row.reply ? std::optional(row.reply->at) : std::nullopt);
  to[4].add(row.work.destination.value);
  to[5].add(row.work.run.value);
  to[6].add(row.event);
  to[7].add(row.attempt);
  to[8].add(row.outcome);
  to[9].add(row.kind);
  to[10].add(row.retention);
  to[11].add(row.reply ? std::optional<std::int64_t>(row.reply->bits) : std::nullopt);
  to[12].add(row.terminal ? 1 : 0);
  add_sealed(to[13], row.content);
  add_sealed(to[14], row.reply ? row.reply->sealed : std::string());
  if (part != 0) to[15].add(part);
}

void Batch::add_attention() {
  for (const auto& [work, cells] : attention_) {
    if (cells == nullptr) {
      columns_->attention_gone[0].add(work.message.value);
      columns_->attention_gone[1].add(work.run.value);
      columns_->attention_gone[2].add(work.destination.value);
      columns_->attention_gone[3].add(work.part);
      continue;
    }
    const auto& row = cells->row;
    auto& to = columns_->attention;
    to[0].add(work.message.value);
    to[1].add(row.since.time_since_epoch().count());
    to[2].add(row.due.time_since_epoch().count());
    to[3].add(first_of(row.order_keys));
    to[4].add(row.queue.channel.value);
    to[5].add(work.destination.value);
    to[6].add(work.run.value);
    to[7].add(static_cast<std::int64_t>(row.state));
    to[8].add(static_cast<std::int64_t>(row.outcome));
    to[9].add(static_cast<std::int64_t>(row.kind));
    to[10].add(cells->retention);
    to[11].add(row.attempts);
    to[12].add(row.flags);
    to[13].add(row.suspect ? 1 : 0);
    add_literal(to[14], row.order_keys, 1);
    add_sealed(to[15], row.reason);
    to[16].add(work.part);
  }
  attention_.clear();
}

void Batch::add_states() {
  auto& to = columns_->states;
  for (const auto& [place, cells] : states_) {
    to[0].add(cells->channel);
    to[1].add(cells->lane);
    to[2].add(cells->key);
    to[3].add(cells->message);
    to[4].add(cells->retention);
    to[5].add_bytes(cells->sealed);
  }
  states_.clear();
}

void Batch::add_low_water(WorkQueue queue, MessageId id) {
  columns_->low_water[0].add(queue.channel.value);
  columns_->low_water[1].add(queue.destination.value);
  columns_->low_water[2].add(id.value);
}

void Batch::add_bucket(std::int64_t bucket) {
  columns_->buckets[0].add(bucket);
}

Result<int> Batch::send(Connection& connection) {
  add_attention();
  add_states();
  auto& all = *columns_;
  int sent = 0;
  for (auto* insert : {&all.messages, &all.passages, &all.settlements, &all.part_settlements,
                       &all.buckets, &all.terms, &all.links, &all.bindings, &all.attention_gone,
                       &all.attention, &all.states, &all.low_water}) {
    if ((*insert)[0].rows() == 0) continue;
    if (auto done = insert->send(connection); !done) return done.error();
    ++sent;
  }
  return sent;
}

bool OriginLookup::add(const SealedRows& rows) {
  bool found = false;
  for (const auto& message : rows.messages) {
    if (!message.origin) continue;
    found = true;
    ids_.push_back(message.id);
    keys_.push_back(*message.origin);
  }
  return found;
}

Status OriginLookup::send(Connection& connection) {
  Insert insert{insert_origins, {Int4, Int8, Int8, Int8, Int8}};
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    insert[0].add(keys_[i].channel);
    insert[1].add(keys_[i].high);
    insert[2].add(keys_[i].low);
    insert[3].add(keys_[i].position);
    insert[4].add(ids_[i]);
  }
  if (auto done = insert.send(connection); !done) return done;
  insert.statement = find_origins;
  insert.columns.pop_back();
  return insert.send(connection);
}

Batch::There OriginLookup::there(const Rows& found) const {
  Batch::There there;
  for (std::size_t i = 0; i < ids_.size() && i < found.size(); ++i)
    if (found.integer(i, 0) != ids_[i]) there.emplace(ids_[i], found.integer(i, 0));
  return there;
}

}  // namespace causeway::store
