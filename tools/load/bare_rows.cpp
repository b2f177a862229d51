// How fast this machine's PostgreSQL takes the rows that the engine writes, from a program that
// does nothing else: the same columns, sizes and indexes, in transactions of --batch messages, by
// prepared INSERT … SELECT unnest(binary arrays) in pipeline mode on one connection.
//
// Reads rows from the tables given, copies them into tables made alike in a schema of its own, and
// drops that. Prints one JSON object.
#include <libpq-fe.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#include "tools/load/frames.h"
#include "tools/load/options.h"
#include "tools/load/sockets.h"

namespace {

using namespace load;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Rows = std::unique_ptr<PGresult, ClearResult>;

constexpr int binary = 1;

class Database {
 public:
  explicit Database(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) fail(PQerrorMessage(connection_));
    PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
  }
  ~Database() { PQfinish(connection_); }
  Database(const Database&) = delete;

  Rows query(const std::string& sql, int format = 0) {
    Rows rows(
        PQexecParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, format));
    auto status = PQresultStatus(rows.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
      fail(sql + ": " + PQerrorMessage(connection_));
    return rows;
  }
  PGconn* handle() { return connection_; }

 private:
  PGconn* connection_;
};

void append_int32(std::string& out, std::uint32_t value) {
  for (int shift : {24, 16, 8, 0}) out += static_cast<char>(value >> shift);
}

/// One dimension, as PostgreSQL's array_recv reads it; elements follow.
void append_array_head(std::string& out, Oid element, std::size_t count) {
  append_int32(out, 1);
  append_int32(out, 1);  // may hold NULL
  append_int32(out, element);
  append_int32(out, static_cast<std::uint32_t>(count));
  append_int32(out, 1);
}

void append_value(std::string& out, PGresult* rows, int row, int column) {
  if (PQgetisnull(rows, row, column)) return append_int32(out, UINT32_MAX);
  auto length = PQgetlength(rows, row, column);
  append_int32(out, static_cast<std::uint32_t>(length));
  out.append(PQgetvalue(rows, row, column), static_cast<std::size_t>(length));
}

/// The rows of one table and how to insert a range of them.
class Table {
 public:
  Table(Database& database, const std::string& name, std::size_t messages, double rows_per_message)
      : name_(name), per_message_(rows_per_message) {
    auto most = static_cast<std::size_t>(static_cast<double>(messages) * rows_per_message);
    rows_ = database.query("SELECT * FROM " + name + " LIMIT " + std::to_string(most), binary);
    database.query("CREATE TABLE bench_bare." + name + " (LIKE " + name +
                   " INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE)");
    auto number = [&](const std::string& sql) {
      return static_cast<Oid>(std::stoul(PQgetvalue(database.query(sql).get(), 0, 0)));
    };
    for (int i = 0; i < PQnfields(rows_.get()); ++i) {
      auto type = std::to_string(PQftype(rows_.get(), i));
      is_flat_ = is_flat_ &&
                 number("SELECT (typcategory = 'A')::int FROM pg_type WHERE oid = " + type) == 0;
      array_types_.push_back(number("SELECT typarray FROM pg_type WHERE oid = " + type));
    }
    row_type_ = number("SELECT 'bench_bare." + name + "'::regtype::oid");
    row_array_type_ =
        number("SELECT typarray FROM pg_type WHERE oid = " + std::to_string(row_type_));
    prepare(database);
  }

  std::size_t messages() const {
    return static_cast<std::size_t>(PQntuples(rows_.get()) / per_message_);
  }
  int columns() const { return PQnfields(rows_.get()); }

  /// Queues the rows of messages [first, last) in the pipeline.
  void insert(Database& database, std::size_t first, std::size_t last) {
    auto row_of = [&](std::size_t message) {
      return static_cast<int>(static_cast<double>(message) * per_message_);
    };
    int begin = row_of(first), end = std::min(row_of(last), PQntuples(rows_.get()));
    if (begin >= end) return;
    std::vector<std::string> arrays;
    if (is_flat_)
      for (int column = 0; column < columns(); ++column)
        arrays.push_back(column_array(column, begin, end));
    else
      arrays.push_back(row_array(begin, end));
    std::vector<const char*> values;
    std::vector<int> lengths, formats(arrays.size(), binary);
    for (const auto& array : arrays) {
      values.push_back(array.data());
      lengths.push_back(static_cast<int>(array.size()));
    }
    PQsendQueryPrepared(database.handle(), name_.c_str(), static_cast<int>(arrays.size()),
                        values.data(), lengths.data(), formats.data(), binary);
  }

 private:
  /// A table with array columns can't be unnested by column: its rows go as one array of rows.
  void prepare(Database& database) {
    std::string parameters;
    std::vector<Oid> types;
    if (is_flat_) {
      for (int i = 1; i <= columns(); ++i) parameters += (i > 1 ? ", $" : "$") + std::to_string(i);
      types = array_types_;
    } else {
      parameters = "$1";
      types = {row_array_type_};
    }
    auto sql = "INSERT INTO bench_bare." + name_ + " SELECT * FROM unnest(" + parameters + ")";
    Rows done(PQprepare(database.handle(), name_.c_str(), sql.c_str(),
                        static_cast<int>(types.size()), types.data()));
    if (PQresultStatus(done.get()) != PGRES_COMMAND_OK)
      fail(sql + ": " + PQerrorMessage(database.handle()));
  }

  std::string column_array(int column, int begin, int end) const {
    std::string out;
    append_array_head(out, PQftype(rows_.get(), column), static_cast<std::size_t>(end - begin));
    for (int row = begin; row < end; ++row) append_value(out, rows_.get(), row, column);
    return out;
  }

  std::string row_array(int begin, int end) const {
    std::string out;
    append_array_head(out, row_type_, static_cast<std::size_t>(end - begin));
    for (int row = begin; row < end; ++row) {
      std::string record;
      append_int32(record, static_cast<std::uint32_t>(columns()));
      for (int column = 0; column < columns(); ++column) {
        append_int32(record, PQftype(rows_.get(), column));
        append_value(record, rows_.get(), row, column);
      }
      append_int32(out, static_cast<std::uint32_t>(record.size()));
      out += record;
    }
    return out;
  }

  std::string name_;
  double per_message_;
  Rows rows_;
  std::vector<Oid> array_types_;
  Oid row_type_ = 0, row_array_type_ = 0;
  bool is_flat_ = true;
};

void drain(Database& database) {
  for (int ends = 0; ends < 2;) {
    Rows result(PQgetResult(database.handle()));
    if (!result) {
      ++ends;
      continue;
    }
    ends = 0;
    auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) return;
    if (status != PGRES_COMMAND_OK) fail(PQresultErrorMessage(result.get()));
  }
}

void send(Database& database, const char* sql) {
  PQsendQueryParams(database.handle(), sql, 0, nullptr, nullptr, nullptr, nullptr, binary);
}

}  // namespace

int main(int argc, char** argv) {
  Options options(argc, argv,
                  "load_bare_rows TABLE=ROWS_PER_MESSAGE ...: the engine's rows, written bare",
                  {{"database", "", "libpq connection string"},
                   {"messages", "20000", "messages' worth of rows to write, at most"},
                   {"batch", "64", "messages per transaction"},
                   {"seconds", "5", "stop after so long"}});
  Database database(options.text("database"));
  database.query("DROP SCHEMA IF EXISTS bench_bare CASCADE");
  database.query("CREATE SCHEMA bench_bare");
  std::vector<Table> tables;
  auto messages = static_cast<std::size_t>(options.integer("messages"));
  for (const auto& argument : options.arguments()) {
    auto equals = argument.find('=');
    if (equals == std::string::npos) fail(argument + ": TABLE=ROWS_PER_MESSAGE is needed");
    tables.emplace_back(database, argument.substr(0, equals), messages,
                        std::stod(argument.substr(equals + 1)));
  }
  for (const auto& table : tables) messages = std::min(messages, table.messages());
  auto batch = static_cast<std::size_t>(options.integer("batch"));
  auto begin = now_ns(), deadline = begin + options.integer("seconds") * 1'000'000'000;
  PQenterPipelineMode(database.handle());
  std::size_t written = 0, transactions = 0;
  while (written < messages && now_ns() < deadline) {
    auto last = std::min(written + batch, messages);
    send(database, "BEGIN");
    for (auto& table : tables) table.insert(database, written, last);
    send(database, "COMMIT");
    PQpipelineSync(database.handle());
    drain(database);
    written = last;
    ++transactions;
  }
  double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  PQexitPipelineMode(database.handle());
  database.query("DROP SCHEMA bench_bare CASCADE");
  std::printf("{\"batch\": %zu, \"messages\": %zu, \"rate\": %.1f, \"commit_ms\": %.4f}\n", batch,
              written, static_cast<double>(written) / seconds,
              transactions ? seconds * 1000 / static_cast<double>(transactions) : 0.0);
}
