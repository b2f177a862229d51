// One connection to PostgreSQL, by libpq. Used by one thread at a time; blocks, with deadlines.
//
// Parameters and results are binary. Errors map to an ErrorKind by SQLSTATE (never by text):
// Unavailable for all that passes by itself (connection, shutdown, resources, deadlocks), Invalid
// for data that breaks a rule, Limit, else Internal; `state()` tells more.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"
#include "engine/store/postgres/rows.h"

struct pg_conn;
struct pg_result;

namespace causeway::store {

/// Parameters of one statement.
class Params {
 public:
  Params& integer(std::int64_t value);  ///< bigint
  Params& small(std::int16_t value);
  Params& normal(std::int32_t value);
  Params& bytes(std::string_view value);  ///< bytea or text; copied
  Params& array(std::string_view value);  ///< Column::array(); referred to, not copied
  Params& null();

 private:
  friend class Connection;
  struct Value {
    std::string own;
    std::string_view other;
    bool is_null = false;
  };
  std::vector<Value> values_;
};

/// SQL with a name under which a connection prepares it.
struct Statement {
  const char* name;
  const char* sql;
};

/// Where a server may be reached, and as what this connection is to be known to it.
struct Target {
  std::string conninfo;     ///< libpq's: "host=… dbname=…" or "postgresql://…"
  std::string application;  ///< application_name
};

class Connection {
 public:
  static constexpr auto connect_patience = std::chrono::seconds(5);
  /// Longest wait for one answer; past it the connection counts as lost. The server gives up
  /// earlier (statement_timeout).
  static constexpr auto answer_patience = std::chrono::seconds(60);

  static Result<Connection> open(const Target& target);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// One statement, or several separated by semicolons (then without a result).
  Status run(const std::string& sql);
  Result<Rows> query(const char* sql, const Params& params = {});
  Status prepare(const Statement& statement);
  /// Plans by index, read in order, whatever the statistics say: today's partitions are younger
  /// than theirs, and a page must not read its whole range.
  static const char* const planner_settings;

  /// For work in the background that takes its time: statements may run this long, and read whole
  /// tables.
  Status allow_long_statements(std::chrono::seconds longest);

  // Pipeline mode: send any number, `sync`, then read one answer for each and one for the sync.
  // After an error the others up to the sync answer `Skipped`. All between two syncs is one
  // transaction, committed by the sync.
  Status enter_pipeline();
  Status send(const Statement& prepared, const Params& params);
  Status sync();   ///< Ends the transaction.
  Status flush();  ///< Asks for the answers so far, and leaves the transaction open.
  struct Answer {
    enum class Kind { Rows, Error, Skipped, Synced, Lost } kind = Kind::Lost;
    std::optional<Rows> rows;
  };
  Answer receive();

  bool usable() const;  ///< False: the connection is gone; open another.
  /// Looks whether the server has closed an idle connection: then nothing of what would be sent can
  /// have been done. Otherwise as `usable`.
  bool still_there();
  /// SQLSTATE of the last error; empty if the server gave none.
  const std::string& state() const { return state_; }
  /// The last error; kind None if there was none.
  const Error& error() const { return error_; }
  int backend_pid() const;
  std::int64_t backend_start() const { return backend_start_; }  ///< Microseconds since 1970.

 private:
  explicit Connection(pg_conn* connection);
  Status set_up();
  Result<Rows> finish_query();
  std::shared_ptr<pg_result> next_result();
  bool wait_readable(SteadyTime deadline);
  Error failed(const pg_result* result);
  Error lost(const char* what);

  std::unique_ptr<pg_conn, void (*)(pg_conn*)> connection_;
  std::string state_;
  Error error_{ErrorKind::None, "", ""};
  std::int64_t backend_start_ = 0;
  std::chrono::seconds patience_ = answer_patience;
  bool broken_ = false;  // the server said so, or didn't answer
};

/// By SQLSTATE: see above.
ErrorKind error_kind_of(std::string_view sql_state);

}  // namespace causeway::store
