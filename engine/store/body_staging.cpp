#include "engine/store/body_staging.h"

#include <algorithm>

#include "engine/core/limits.h"

namespace causeway::store {
namespace {

// A chunk that is there already was written by this very call, on a connection that was then lost.
constexpr const char* insert_sql =
    "INSERT INTO body_chunk (body, chunk, bytes, sealed)"
    " VALUES ($1::bigint, $2::integer, $3::integer, $4::bytea) ON CONFLICT DO NOTHING";

constexpr const char* read_sql =
    "SELECT chunk, sealed FROM body_chunk WHERE body = $1::bigint"
    " AND chunk >= $2::integer AND chunk <= $3::integer ORDER BY chunk";

constexpr const char* last_sql = "SELECT body FROM body_chunk ORDER BY body DESC LIMIT 1";

/// Most that one read returns; larger ones are read in turns.
constexpr std::size_t read_max = 16 * limits::staged_chunk_bytes;

}  // namespace

class PostgresBodyStaging::ChunkWriter final : public BodyStaging::Writer {
 public:
  explicit ChunkWriter(PostgresBodyStaging& staging) : staging_(staging) {}

  Status append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto take = std::min(bytes.size(), limits::staged_chunk_bytes - waiting_.size());
      waiting_ += bytes.substr(0, take);
      bytes.remove_prefix(take);
      if (waiting_.size() < limits::staged_chunk_bytes) continue;
      if (auto done = write(); !done) return done;
    }
    return Done{};
  }

  Result<Body> finish() override {
    if (!body_ && waiting_.size() <= limits::inline_body_bytes)
      return Body(make_bytes(std::move(waiting_)));
    if (!waiting_.empty())
      if (auto done = write(); !done) return done.error();
    return Body(body_, size_);
  }

 private:
  Status write() {
    if (!body_) body_ = staging_.next_id();
    if (auto done = staging_.write_chunk(body_, chunk_, waiting_); !done) return done;
    ++chunk_;
    size_ += waiting_.size();
    waiting_.clear();
    return Done{};
  }

  PostgresBodyStaging& staging_;
  BodyId body_;
  std::uint32_t chunk_ = 0;
  std::uint64_t size_ = 0;
  std::string waiting_;
};

PostgresBodyStaging::PostgresBodyStaging(ConnectionPool& pool, Sealer& sealer,
                                         Partitions& partitions, const Clock& clock, NodeId node,
                                         BodyId last)
    : pool_(pool),
      sealer_(sealer),
      partitions_(partitions),
      ids_(clock, node, MessageId{last.value}) {}

BodyId PostgresBodyStaging::next_id() {
  std::lock_guard lock(mutex_);
  return {ids_.next().value};
}

Result<BodyId> PostgresBodyStaging::last_body(ConnectionPool& pool) {
  auto rows = pool.query(last_sql);
  if (!rows) return rows.error();
  return BodyId{rows->empty() ? 0 : rows->integer(0, 0)};
}

Result<std::unique_ptr<BodyStaging::Writer>> PostgresBodyStaging::begin() {
  return std::unique_ptr<Writer>(new ChunkWriter(*this));
}

Status PostgresBodyStaging::write_chunk(BodyId body, std::uint32_t chunk, std::string_view bytes) {
  auto sealed = sealer_.seal({body.value, Role::Chunk, chunk}, RetentionClass{}, bytes);
  if (!sealed) return sealed.error();
  const auto params = std::move(Params()
                                    .integer(body.value)
                                    .normal(static_cast<std::int32_t>(chunk))
                                    .normal(static_cast<std::int32_t>(bytes.size()))
                                    .bytes(*sealed));
  auto written = pool_.query(insert_sql, params);
  if (!written && written.error().kind == ErrorKind::Invalid) {
    // No partition for this day yet.
    if (auto made = partitions_.ensure(day_of(MessageId{body.value}), 1); !made) return made;
    written = pool_.query(insert_sql, params);
  }
  if (!written) return written.error();
  return Done{};
}

Result<std::string> PostgresBodyStaging::read(BodyId body, std::uint64_t offset,
                                              std::size_t bytes) {
  std::string found;
  if (bytes == 0) return found;
  bytes = std::min(bytes, read_max);
  const auto first = offset / limits::staged_chunk_bytes;
  const auto last = (offset + bytes - 1) / limits::staged_chunk_bytes;
  if (last > INT32_MAX) return Error{ErrorKind::NotFound, "", "no such part of this body"};
  auto rows = pool_.query(read_sql, Params()
                                        .integer(body.value)
                                        .normal(static_cast<std::int32_t>(first))
                                        .normal(static_cast<std::int32_t>(last)));
  if (!rows) return rows.error();
  if (rows->empty() || rows->integer(0, 0) != static_cast<std::int64_t>(first))
    return Error{ErrorKind::NotFound, "", "no such body, or no such part of it"};
  for (std::size_t i = 0; i < rows->size(); ++i) {
    if (rows->integer(i, 0) != static_cast<std::int64_t>(first + i))
      return Error{ErrorKind::Damaged, "", "a chunk of this body is missing"};
    auto chunk = sealer_.open({body.value, Role::Chunk, static_cast<std::uint32_t>(first + i)},
                              rows->bytes(i, 1));
    if (!chunk) return chunk.error();
    const auto skip = i == 0 ? offset % limits::staged_chunk_bytes : 0;
    if (skip < chunk->size()) found += std::string_view(*chunk).substr(skip);
  }
  if (found.size() > bytes) found.resize(bytes);
  return found;
}

}  // namespace causeway::store
