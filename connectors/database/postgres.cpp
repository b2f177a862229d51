#include "connectors/database/postgres.h"

#include "connectors/database/postgres_connection.h"
#include "connectors/database/value_types.h"

namespace causeway::connectors::database {
namespace {

/// Asked of the cursor at once: about so many bytes, judged by the rows before.
constexpr std::size_t fetched_bytes = 4 * 1024 * 1024;
constexpr std::size_t fetched_rows_max = 500;

Cells cells_of(const PGresult* result, int row) {
  Cells cells;
  for (int i = 0; i < PQnfields(result); ++i) {
    if (PQgetisnull(result, row, i)) {
      cells.emplace_back();
      continue;
    }
    const auto bytes = static_cast<std::size_t>(PQgetlength(result, row, i));
    cells.push_back(cell_of(PQftype(result, i), {PQgetvalue(result, row, i), bytes}));
  }
  return cells;
}

std::size_t bytes_of(const PGresult* result, int row) {
  std::size_t bytes = 0;
  for (int i = 0; i < PQnfields(result); ++i)
    bytes += static_cast<std::size_t>(PQgetlength(result, row, i));
  return bytes;
}

class PostgresSession final : public Session {
 public:
  explicit PostgresSession(std::unique_ptr<PostgresConnection> connection)
      : connection_(std::move(connection)) {}

  Status begin(Access access) override {
    return run(access == Access::Read ? "BEGIN READ ONLY" : "BEGIN READ WRITE");
  }

  /// A transaction that has failed is rolled back by COMMIT, which says so and is no error.
  Status commit() override {
    auto done = connection_->run("COMMIT");
    if (!done) return done.error();
    if (std::string_view(PQcmdStatus(done->get())) == "COMMIT") return Done{};
    return Error{ErrorKind::Conflict, "", "the transaction had failed"};
  }

  Status roll_back() override { return run("ROLLBACK"); }

  Status read(const Call& call, const Reading& reading, const OnRows& on_rows) override {
    auto opened =
        connection_->run("DECLARE causeway_rows NO SCROLL CURSOR FOR " + call.sql, call.parameters);
    if (!opened) return opened.error();
    if (auto read = read_slices(reading, on_rows); !read) return read;
    return run("CLOSE causeway_rows");
  }

  Result<std::int64_t> change(const Call& call) override {
    auto done = connection_->run(call.sql, call.parameters);
    if (!done) return done.error();
    const std::string count = PQcmdTuples(done->get());
    return count.empty() ? 0 : std::strtoll(count.c_str(), nullptr, 10);
  }

  bool is_lost() const override { return connection_->is_lost(); }

 private:
  struct Slice {
    Rows rows;
    std::size_t bytes = 0;
    bool ended = false;
  };

  Status run(const std::string& sql) {
    auto done = connection_->run(sql);
    if (!done) return done.error();
    return Done{};
  }

  Status read_slices(const Reading& reading, const OnRows& on_rows) {
    for (;;) {
      auto slice = read_slice(reading);
      if (!slice) return slice.error();
      auto goes_on = on_rows(std::move(slice->rows));
      if (!goes_on) return goes_on.error();
      if (!*goes_on || slice->ended) return Done{};
    }
  }

  Result<Slice> read_slice(const Reading& reading) {
    Slice slice;
    std::size_t want = 1;  // the first row tells how long they are
    while (slice.rows.rows.size() < reading.rows_max && slice.bytes < reading.bytes_max) {
      want = std::min(want, reading.rows_max - slice.rows.rows.size());
      auto part = connection_->run("FETCH FORWARD " + std::to_string(want) + " FROM causeway_rows");
      if (!part) return part.error();
      if (auto added = add(part->get(), reading, slice); !added) return added.error();
      const auto got = static_cast<std::size_t>(PQntuples(part->get()));
      slice.ended = got < want;
      if (slice.ended) break;
      const auto each = std::max<std::size_t>(1, slice.bytes / slice.rows.rows.size());
      want = std::clamp<std::size_t>(fetched_bytes / each, 1, fetched_rows_max);
    }
    return slice;
  }

  static Status add(const PGresult* part, const Reading& reading, Slice& slice) {
    if (slice.rows.columns.empty())
      for (int i = 0; i < PQnfields(part); ++i) slice.rows.columns.emplace_back(PQfname(part, i));
    for (int row = 0; row < PQntuples(part); ++row) {
      const auto bytes = bytes_of(part, row);
      if (bytes > reading.row_bytes_max)
        return Error{ErrorKind::Limit, "", "a row is longer than row_bytes_max"};
      slice.bytes += bytes;
      slice.rows.rows.push_back(cells_of(part, row));
    }
    return Done{};
  }

  const std::unique_ptr<PostgresConnection> connection_;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(ServerSettings settings, ConnectionWords words)
      : settings_(std::move(settings)), words_(std::move(words)) {}

  Result<std::unique_ptr<Session>> open(const std::atomic<bool>& stop) override {
    auto connection = PostgresConnection::open(words_, settings_, stop);
    if (!connection) return connection.error();
    return std::unique_ptr<Session>(std::make_unique<PostgresSession>(std::move(*connection)));
  }
  Marks marks() const override { return Marks::Numbered; }
  std::string address() const override { return address_of(words_); }
  std::string name() const override { return database_of(words_); }

 private:
  const ServerSettings settings_;
  const ConnectionWords words_;
};

}  // namespace

Result<std::unique_ptr<Database>> make_postgres(const ServerSettings& settings) {
  auto words = connection_words(settings);
  if (!words) return words.error();
  return std::unique_ptr<Database>(std::make_unique<PostgresDatabase>(settings, std::move(*words)));
}

}  // namespace causeway::connectors::database
