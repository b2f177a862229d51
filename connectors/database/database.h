// A database as this connector sees it: sessions, statements, rows. What a source reads from and a
// sink writes to; PostgreSQL and ODBC are one adapter each.
//
// A session is used by one thread at a time, and each call may block up to the adapter's time-outs,
// or until the flag it was opened with is set. After is_lost() nothing more can be asked of it, and
// its transaction is rolled back by the server, unless commit() was under way.
//
// Errors, by SQLSTATE and never by text (see sqlstate.h): Unavailable, TimedOut, Conflict (another
// transaction was in the way), Refused (these values), Invalid (this statement), NotPermitted,
// Limit, Stopped. Texts quote the server, and so values: sealed when stored, never logged.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::connectors::database {

/// One value. As a parameter only Null, Boolean, Number and Text occur.
struct Cell {
  enum class Kind : std::uint8_t {
    Null,
    Boolean,  ///< "true", "false"
    Number,   ///< As JSON writes it, exact.
    Text,     ///< UTF-8
    Json,     ///< A JSON text, to stand as it is.
    Bytes,
  };
  Kind kind = Kind::Null;
  std::string text;
  bool operator==(const Cell&) const = default;
};

using Cells = std::vector<Cell>;

struct Rows {
  std::vector<std::string> columns;
  std::vector<Cells> rows;
};

/// A statement in a driver's words, and the values for its marks.
struct Call {
  std::string sql;
  Cells parameters;
};

/// How a result is read: in slices, each bounded.
struct Reading {
  std::size_t rows_max = 1000;
  std::size_t bytes_max = 0;      ///< Of a slice; it may be passed by its last row.
  std::size_t row_bytes_max = 0;  ///< Limit: a longer row.
};

class Session {
 public:
  enum class Access : std::uint8_t { Read, Write };
  /// False: enough has been read. The last slice may be empty.
  using OnRows = std::function<Result<bool>(Rows slice)>;

  virtual ~Session() = default;
  virtual Status begin(Access access) = 0;
  /// After an error with is_lost() it isn't known whether it was committed; after another it was
  /// not.
  virtual Status commit() = 0;
  virtual Status roll_back() = 0;
  /// Both are called within a transaction.
  virtual Status read(const Call& call, const Reading& reading, const OnRows& on_rows) = 0;
  virtual Result<std::int64_t> change(const Call& call) = 0;  ///< Rows changed.
  virtual bool is_lost() const = 0;
};

/// How a driver marks parameters: $1, $2, … (one for each name), or ? for each place.
enum class Marks : std::uint8_t { Numbered, Questions };

/// Thread-safe.
class Database {
 public:
  virtual ~Database() = default;
  /// Once `stop` is set, this and all that is asked of the session ends soon, with Stopped. It
  /// outlives the session.
  virtual Result<std::unique_ptr<Session>> open(const std::atomic<bool>& stop) = 0;
  virtual Marks marks() const = 0;
  /// Without user and password.
  virtual std::string address() const = 0;
  /// The database's name alone: it stays the same when the server moves.
  virtual std::string name() const = 0;
};

}  // namespace causeway::connectors::database
