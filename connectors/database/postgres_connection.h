// One connection by libpq, which never blocks in it: every wait is here, has a deadline, and ends
// soon after a stop. (The look-up of a host's name alone is libpq's own.)
//
// Used by one thread. After a time-out, a stop or a broken connection it is lost. Only
// postgres*.cpp see this header.
#pragma once

#include <libpq-fe.h>

#include <map>

#include "connectors/database/fields.h"

namespace causeway::connectors::database {

struct ResultEnd {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ResultEnd>;

/// libpq's keywords and values.
using ConnectionWords = std::map<std::string, std::string>;

/// Parsed and made safe (see postgres.h). Invalid: it can't be read, or has a password.
Result<ConnectionWords> connection_words(const ServerSettings& settings);
/// "postgresql://host:port/database".
std::string address_of(const ConnectionWords& words);
std::string database_of(const ConnectionWords& words);

class PostgresConnection {
 public:
  static Result<std::unique_ptr<PostgresConnection>> open(const ConnectionWords& words,
                                                          const ServerSettings& settings,
                                                          const std::atomic<bool>& stop);
  ~PostgresConnection() { PQfinish(connection_); }
  PostgresConnection(const PostgresConnection&) = delete;

  PGconn* get() const { return connection_; }
  bool is_lost() const { return lost_; }

  /// One statement; its parameters as texts (null: NULL). Its result, or its error.
  Result<PgResult> run(const std::string& sql, const Cells& parameters = {});
  /// Several, separated by semicolons, or one of the replication's.
  Result<PgResult> run_simple(const std::string& sql);

  // The stream that START_REPLICATION opens.
  enum class Arrived : std::uint8_t { Message, Nothing };
  /// The next message; Nothing: none came for `patience`.
  Result<Arrived> receive(std::string& message, Milliseconds patience);
  Status send(std::string_view message);

 private:
  Status prepare_session(const ConnectionWords& words);
  Error lose(ErrorKind kind, std::string text);
  Error failure(const PGresult* result);
  PostgresConnection(const ServerSettings& settings, const std::atomic<bool>& stop)
      : settings_(settings), stop_(stop) {}
  Status connect(const ConnectionWords& words);
  Status wait(short wanted, SteadyTime deadline);
  Result<PgResult> next_result(SteadyTime deadline);
  Result<PgResult> result_of_sent();

  const ServerSettings& settings_;
  const std::atomic<bool>& stop_;
  PGconn* connection_ = nullptr;
  bool lost_ = false;
};

}  // namespace causeway::connectors::database
