// A PostgreSQL database asked by libpq: one declared statement, whose parameters alone come from
// scripts. Transactions are read-only. A connection that has had trouble is not used again.
#include <poll.h>

#include <mutex>

#include <libpq-fe.h>

#include "engine/config/revision_hash.h"
#include "engine/pipeline/enrich/answer_text.h"
#include "engine/pipeline/enrich/lookup.h"

namespace causeway::pipeline {
namespace {

constexpr std::size_t idle_connections_max = 8;
constexpr std::size_t parameters_max = 100;
/// libpq 15 knows no name for them.
constexpr const char* system_authorities = "/etc/ssl/certs/ca-certificates.crt";
/// How often whoever waits looks whether the engine ends.
constexpr Milliseconds look_every{100};

struct ConnectionEnd {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, ConnectionEnd>;
struct RowsEnd {
  void operator()(PGresult* rows) const { PQclear(rows); }
};
using Rows = std::unique_ptr<PGresult, RowsEnd>;

Error unavailable(std::string text) {
  return {ErrorKind::Unavailable, "", std::move(text)};
}

Error timed_out() {
  return {ErrorKind::TimedOut, "", "the database did not answer in time"};
}

/// By SQLSTATE, never by text, which may quote values: classes 08, 53, 57 and 58 pass by
/// themselves.
Error failure_of(const PGresult* rows) {
  const char* given = PQresultErrorField(rows, PG_DIAG_SQLSTATE);
  const std::string state = given ? given : "";
  const auto begins = state.substr(0, 2);
  const bool passes = state.empty() || begins == "08" || begins == "53" || begins == "57" ||
                      begins == "58" || begins == "40";
  return {passes ? ErrorKind::Unavailable : ErrorKind::Refused, "",
          "the database answers with error " + (state.empty() ? "without a code" : state)};
}

struct Parameters {
  std::vector<std::string> texts;
  std::vector<const char*> pointers;
};

Result<Parameters> parameters_of(const config::Value& request) {
  const auto* list = request.list();
  if (!list || list->size() > parameters_max)
    return Error{ErrorKind::Invalid, "",
                 "a database is asked with a list of texts, numbers, truth values and nulls: what "
                 "stands for $1, $2, … in the statement"};
  Parameters parameters;
  parameters.texts.reserve(list->size());
  for (const auto& value : *list) {
    if (value.list() || value.object())
      return Error{ErrorKind::Invalid, "",
                   "a parameter is a text, a number, a truth value or null"};
    const bool has_zero = value.string() && value.string()->find('\0') != std::string::npos;
    if (has_zero) return Error{ErrorKind::Invalid, "", "a parameter can't hold a zero character"};
    parameters.texts.push_back(value.string() ? *value.string() : config::canonical_json(value));
    parameters.pointers.push_back(value.is_null() ? nullptr : parameters.texts.back().c_str());
  }
  return parameters;
}

class SqlLookup final : public Lookup {
 public:
  SqlLookup(const config::EnrichConfig& config, LookupEnvironment environment, std::string password)
      : config_(config), environment_(std::move(environment)), password_(std::move(password)) {}

  Result<std::string> ask(const config::Value& request, SteadyTime deadline) override {
    auto parameters = parameters_of(request);
    if (!parameters) return std::move(parameters).error();
    auto connection = take_connection(deadline);
    if (!connection) return std::move(connection).error();
    auto answer = ask_on(connection->get(), *parameters, deadline);
    if (PQtransactionStatus(connection->get()) == PQTRANS_IDLE) give_back(std::move(*connection));
    return answer;
  }

 private:
  Result<Connection> take_connection(SteadyTime deadline) {
    for (;;) {
      Connection idle;
      {
        std::lock_guard lock(mutex_);
        if (idle_.empty()) break;
        idle = std::move(idle_.back());
        idle_.pop_back();
      }
      // What the server has closed meanwhile shows when it is read.
      if (PQconsumeInput(idle.get()) && PQstatus(idle.get()) == CONNECTION_OK) return idle;
    }
    return connect(deadline);
  }

  void give_back(Connection connection) {
    std::lock_guard lock(mutex_);
    if (idle_.size() < idle_connections_max) idle_.push_back(std::move(connection));
  }

  Result<Connection> connect(SteadyTime deadline) const {
    const auto& settings = config_.settings;
    const bool verified = settings.text("tls") == "verify";
    const auto port = std::to_string(settings.integer("port"));
    const auto host = settings.text("host"), database = settings.text("database"),
               user = settings.text("user"), ca = settings.text("ca_file");
    const auto options = "-c default_transaction_read_only=on -c statement_timeout=" +
                         std::to_string(config_.timeout.count());
    const char* const keys[] = {
        "host",    "port",        "dbname",           "user",    "password",
        "sslmode", "sslrootcert", "application_name", "options", "client_encoding",
        nullptr};
    const char* const values[] = {host.c_str(),
                                  port.c_str(),
                                  database.c_str(),
                                  user.c_str(),
                                  password_.c_str(),
                                  verified ? "verify-full" : "disable",
                                  ca.empty() ? system_authorities : ca.c_str(),
                                  "causeway enrich",
                                  options.c_str(),
                                  "UTF8",
                                  nullptr};
    Connection connection(PQconnectStartParams(keys, values, 0));
    if (!connection) return unavailable("libpq gives no connection");
    for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;) {
      if (state == PGRES_POLLING_FAILED || PQstatus(connection.get()) == CONNECTION_BAD)
        return unavailable("no connection to the database");
      const short wanted = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
      if (auto ready = wait(connection.get(), wanted, deadline); !ready)
        return std::move(ready).error();
      state = PQconnectPoll(connection.get());
    }
    PQsetnonblocking(connection.get(), 1);
    return connection;
  }

  /// Until the socket is ready; TimedOut, Stopped.
  Status wait(PGconn* connection, short wanted, SteadyTime deadline) const {
    for (;;) {
      if (environment_.is_stopping()) return Error{ErrorKind::Stopped, "", "the engine ends"};
      const auto left =
          std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return timed_out();
      pollfd socket{PQsocket(connection), wanted, 0};
      if (socket.fd < 0) return unavailable("no connection to the database");
      if (::poll(&socket, 1, static_cast<int>(std::min(left, look_every).count())) > 0)
        return Done{};
    }
  }

  Result<std::string> ask_on(PGconn* connection, const Parameters& parameters,
                             SteadyTime deadline) const {
    const auto statement = config_.settings.text("statement");
    if (!PQsendQueryParams(connection, statement.c_str(),
                           static_cast<int>(parameters.pointers.size()), nullptr,
                           parameters.pointers.data(), nullptr, nullptr, 0) ||
        !PQsetSingleRowMode(connection))
      return unavailable("the connection to the database is lost");
    std::string json = "[";
    std::int64_t rows = 0;
    std::optional<Error> failed;
    for (;;) {
      auto next = next_result(connection, deadline);
      if (!next) return std::move(next).error();
      if (!*next) break;
      const auto status = PQresultStatus(next->get());
      if (status == PGRES_SINGLE_TUPLE) {
        // Too much: the connection, with what it still holds, is thrown away.
        if (++rows > config_.settings.integer("rows_max"))
          return Error{ErrorKind::Limit, "", "the answer has more rows than rows_max"};
        add_row(next->get(), json);
        if (json.size() > config_.answer_bytes_max) return answer_too_large(config_);
      } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        failed = failure_of(next->get());
      }
    }
    if (failed) return *failed;
    return json + "]";
  }

  Result<Rows> next_result(PGconn* connection, SteadyTime deadline) const {
    for (;;) {
      const int unsent = PQflush(connection);
      if (unsent < 0) return unavailable("the connection to the database is lost");
      if (unsent == 0 && !PQisBusy(connection)) return Rows(PQgetResult(connection));
      const auto wanted = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
      if (auto ready = wait(connection, wanted, deadline); !ready) return std::move(ready).error();
      if (!PQconsumeInput(connection)) return unavailable("the connection to the database is lost");
    }
  }

  static void add_row(const PGresult* row, std::string& json) {
    if (json.size() > 1) json += ",";
    json += "{";
    for (int i = 0; i < PQnfields(row); ++i) {
      if (i > 0) json += ",";
      json += json_string(PQfname(row, i)) + ":";
      if (PQgetisnull(row, 0, i)) {
        json += "null";
      } else {
        const auto bytes = static_cast<std::size_t>(PQgetlength(row, 0, i));
        json += json_string({PQgetvalue(row, 0, i), bytes});
      }
    }
    json += "}";
  }

  const config::EnrichConfig config_;
  const LookupEnvironment environment_;
  const std::string password_;
  std::mutex mutex_;
  std::vector<Connection> idle_;  // guarded by mutex_
};

}  // namespace

Result<std::unique_ptr<Lookup>> make_sql_lookup(const config::EnrichConfig& config,
                                                const LookupEnvironment& environment) {
  auto password = secret_of(config, "password", environment);
  if (!password) return std::move(password).error();
  return std::unique_ptr<Lookup>(
      std::make_unique<SqlLookup>(config, environment, std::move(*password)));
}

}  // namespace causeway::pipeline
