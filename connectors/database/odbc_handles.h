// One connection through unixODBC: its handles, statements, and what went wrong in words. Every
// call blocks; see odbc.h. Used by one thread. Only odbc*.cpp see this header.
#pragma once

#include <sql.h>
#include <sqlext.h>

#include "connectors/database/fields.h"

namespace causeway::connectors::database {

/// An SQL statement that is being run, closed with it.
class OdbcStatement {
 public:
  explicit OdbcStatement(SQLHDBC connection) {
    SQLAllocHandle(SQL_HANDLE_STMT, connection, &handle_);
  }
  ~OdbcStatement() {
    if (handle_) SQLFreeHandle(SQL_HANDLE_STMT, handle_);
  }
  OdbcStatement(const OdbcStatement&) = delete;
  SQLHSTMT get() const { return handle_; }

 private:
  SQLHSTMT handle_ = SQL_NULL_HSTMT;
};

class OdbcHandles {
 public:
  OdbcHandles() = default;
  ~OdbcHandles();
  OdbcHandles(const OdbcHandles&) = delete;

  Status connect(const std::string& words, const ServerSettings& settings);
  Status end(bool commits);
  Result<std::int64_t> change(const Call& call, Milliseconds timeout);

  /// Runs a query; then rows, slice by slice, until one says it is the last.
  Status open_rows(const Call& call, Milliseconds timeout);
  struct Slice {
    Rows rows;
    bool ended = false;
  };
  Result<Slice> next_rows(const Reading& reading);
  void close_rows() { rows_.reset(); }

  bool is_lost() const { return lost_; }

 private:
  struct Column {
    std::string name;
    SQLSMALLINT type = 0;
  };
  class Parameters;

  Result<std::unique_ptr<OdbcStatement>> run(const Call& call, Milliseconds timeout);
  Status describe();
  Result<Cell> cell(SQLUSMALLINT number, SQLSMALLINT type, std::size_t bytes_max);
  Result<Cell> long_cell(SQLUSMALLINT number, SQLSMALLINT type, std::size_t bytes_max);
  Result<Cell> real_cell(SQLUSMALLINT number, SQLSMALLINT type);
  Result<Cell> time_cell(SQLUSMALLINT number);
  Error failure(SQLSMALLINT kind, SQLHANDLE handle);

  SQLHENV environment_ = SQL_NULL_HENV;
  SQLHDBC connection_ = SQL_NULL_HDBC;
  bool connected_ = false;
  bool lost_ = false;
  std::unique_ptr<OdbcStatement> rows_;
  std::vector<Column> columns_;
};

}  // namespace causeway::connectors::database
