#include "connectors/database/odbc_handles.h"

#include <array>
#include <charconv>

#include "connectors/database/row_text.h"
#include "connectors/database/sqlstate.h"
#include "connectors/database/utf16.h"

namespace causeway::connectors::database {
namespace {

static_assert(sizeof(SQLWCHAR) == sizeof(char16_t));

/// Longer texts are bound as long ones, which drivers send otherwise.
constexpr std::size_t short_text_max = 4000;
constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr std::size_t diagnostics_max = 4;

bool is_good(SQLRETURN code) {
  return code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO;
}

SQLWCHAR* wide(std::u16string& text) {
  return reinterpret_cast<SQLWCHAR*>(text.data());
}

SQLPOINTER as_pointer(std::size_t value) {
  return reinterpret_cast<SQLPOINTER>(value);  // NOLINT: how ODBC takes numbers
}

std::size_t seconds_of(Milliseconds time) {
  return static_cast<std::size_t>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

struct Meaning {
  SQLINTEGER code;
  ErrorKind kind;
  bool lost;
};

/// What MariaDB and MySQL say with a SQLSTATE that says nothing (HY000, 70100).
constexpr std::array<Meaning, 14> native_codes{{
    {1020, ErrorKind::Conflict, false},     // the row has changed meanwhile
    {1021, ErrorKind::Unavailable, false},  // disk full
    {1040, ErrorKind::Unavailable, true},   // too many connections
    {1114, ErrorKind::Unavailable, false},  // table full
    {1205, ErrorKind::Conflict, false},     // waited too long for a lock
    {1213, ErrorKind::Conflict, false},     // deadlock
    {1290, ErrorKind::Unavailable, false},  // read-only
    {1317, ErrorKind::TimedOut, false},     // interrupted
    {1836, ErrorKind::Unavailable, false},  // read-only
    {1927, ErrorKind::Unavailable, true},   // connection killed
    {1969, ErrorKind::TimedOut, false},     // max_statement_time
    {2006, ErrorKind::Unavailable, true},   // server has gone away
    {2013, ErrorKind::Unavailable, true},   // connection lost
    {2055, ErrorKind::Unavailable, true},   // connection lost
}};

}  // namespace

/// Values bound to the marks of a statement, for as long as it runs.
class OdbcHandles::Parameters {
 public:
  Status bind(SQLHSTMT statement, const Cells& cells) {
    values_.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (!is_good(bind_one(statement, i, cells[i])))
        return Error{ErrorKind::Invalid, "parameter " + std::to_string(i + 1),
                     "the driver doesn't take it"};
    return Done{};
  }

 private:
  struct Value {
    std::u16string text;
    std::string number;
    SQLINTEGER flag = 0;
    SQLLEN size = 0;
  };

  SQLRETURN bind_one(SQLHSTMT statement, std::size_t i, const Cell& cell) {
    auto& value = values_[i];
    const auto number = static_cast<SQLUSMALLINT>(i + 1);
    switch (cell.kind) {
      case Cell::Kind::Null:
        value.size = SQL_NULL_DATA;
        return SQLBindParameter(statement, number, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 1, 0,
                                nullptr, 0, &value.size);
      case Cell::Kind::Boolean:
        value.flag = cell.text == "true" ? 1 : 0;
        return SQLBindParameter(statement, number, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 10, 0,
                                &value.flag, 0, nullptr);
      case Cell::Kind::Number:
        value.number = cell.text;
        value.size = static_cast<SQLLEN>(value.number.size());
        return SQLBindParameter(statement, number, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR,
                                value.number.size(), 0, value.number.data(), value.size,
                                &value.size);
      default:
        break;
    }
    value.text = to_utf16(cell.text);
    value.size = static_cast<SQLLEN>(value.text.size() * sizeof(char16_t));
    const bool is_long = value.text.size() > short_text_max;
    return SQLBindParameter(
        statement, number, SQL_PARAM_INPUT, SQL_C_WCHAR, is_long ? SQL_WLONGVARCHAR : SQL_WVARCHAR,
        std::max<std::size_t>(1, value.text.size()), 0, value.text.data(), value.size, &value.size);
  }

  std::vector<Value> values_;
};

OdbcHandles::~OdbcHandles() {
  rows_.reset();
  if (connected_) {
    if (!lost_) SQLEndTran(SQL_HANDLE_DBC, connection_, SQL_ROLLBACK);
    SQLDisconnect(connection_);
  }
  if (connection_) SQLFreeHandle(SQL_HANDLE_DBC, connection_);
  if (environment_) SQLFreeHandle(SQL_HANDLE_ENV, environment_);
}

Status OdbcHandles::connect(const std::string& words, const ServerSettings& settings) {
  if (!is_good(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_)) ||
      !is_good(SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION, as_pointer(SQL_OV_ODBC3), 0)) ||
      !is_good(SQLAllocHandle(SQL_HANDLE_DBC, environment_, &connection_)))
    return Error{ErrorKind::Internal, "", "ODBC gives no handles"};
  SQLSetConnectAttr(connection_, SQL_ATTR_LOGIN_TIMEOUT,
                    as_pointer(seconds_of(settings.connect_timeout)), 0);
  auto text = to_utf16(words);
  const auto connected =
      SQLDriverConnectW(connection_, nullptr, wide(text), static_cast<SQLSMALLINT>(text.size()),
                        nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
  if (!is_good(connected)) {
    auto error = failure(SQL_HANDLE_DBC, connection_);
    // A code of its own (wrong password, unknown database) stands behind a class that says less.
    return Error{error.kind == ErrorKind::Refused ? ErrorKind::Unavailable : error.kind,
                 error.place, error.text};
  }
  connected_ = true;
  if (!is_good(
          SQLSetConnectAttr(connection_, SQL_ATTR_AUTOCOMMIT, as_pointer(SQL_AUTOCOMMIT_OFF), 0)))
    return Error{ErrorKind::Invalid, "", "this driver knows no transactions"};
  return Done{};
}

Status OdbcHandles::end(bool commits) {
  rows_.reset();
  if (is_good(SQLEndTran(SQL_HANDLE_DBC, connection_, commits ? SQL_COMMIT : SQL_ROLLBACK)))
    return Done{};
  return failure(SQL_HANDLE_DBC, connection_);
}

Error OdbcHandles::failure(SQLSMALLINT kind, SQLHANDLE handle) {
  Error error{ErrorKind::Unavailable, "", ""};
  for (std::size_t i = 1; i <= diagnostics_max; ++i) {
    std::u16string state(6, u'\0'), text(SQL_MAX_MESSAGE_LENGTH, u'\0');
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    if (!is_good(SQLGetDiagRecW(kind, handle, static_cast<SQLSMALLINT>(i), wide(state), &native,
                                wide(text), static_cast<SQLSMALLINT>(text.size()), &length)))
      break;
    text.resize(std::min<std::size_t>(text.size(), static_cast<std::size_t>(length)));
    const auto words = to_utf8(text).value_or("?");
    error.text += (error.text.empty() ? "" : "; ") + words;
    if (i > 1) continue;
    const auto code = to_utf8(std::u16string_view(state).substr(0, 5)).value_or("");
    error.place = "SQLSTATE " + code + " (" + std::to_string(native) + ")";
    error.kind = kind_of_state(code);
    lost_ = lost_ || code.starts_with("08") || is_unknown_commit(code);
    for (const auto& meaning : native_codes)
      if (meaning.code == native) {
        error.kind = meaning.kind;
        lost_ = lost_ || meaning.lost;
      }
  }
  SQLUINTEGER dead = SQL_CD_FALSE;
  if (connected_ &&
      is_good(SQLGetConnectAttr(connection_, SQL_ATTR_CONNECTION_DEAD, &dead, 0, nullptr)))
    lost_ = lost_ || dead == SQL_CD_TRUE;
  if (error.text.empty()) error.text = "the driver fails, and doesn't say why";
  if (lost_ && error.kind == ErrorKind::Refused) error.kind = ErrorKind::Unavailable;
  return error;
}

Result<std::unique_ptr<OdbcStatement>> OdbcHandles::run(const Call& call, Milliseconds timeout) {
  auto statement = std::make_unique<OdbcStatement>(connection_);
  if (!statement->get()) return failure(SQL_HANDLE_DBC, connection_);
  SQLSetStmtAttr(statement->get(), SQL_ATTR_QUERY_TIMEOUT, as_pointer(seconds_of(timeout)), 0);
  Parameters parameters;
  auto sql = to_utf16(call.sql);
  if (!is_good(SQLPrepareW(statement->get(), wide(sql), static_cast<SQLINTEGER>(sql.size()))))
    return failure(SQL_HANDLE_STMT, statement->get());
  if (auto bound = parameters.bind(statement->get(), call.parameters); !bound) return bound.error();
  const auto done = SQLExecute(statement->get());
  if (!is_good(done) && done != SQL_NO_DATA) return failure(SQL_HANDLE_STMT, statement->get());
  SQLFreeStmt(statement->get(), SQL_RESET_PARAMS);
  return statement;
}

Result<std::int64_t> OdbcHandles::change(const Call& call, Milliseconds timeout) {
  auto statement = run(call, timeout);
  if (!statement) return statement.error();
  SQLLEN rows = 0;
  SQLRowCount((*statement)->get(), &rows);
  return static_cast<std::int64_t>(rows);
}

Status OdbcHandles::open_rows(const Call& call, Milliseconds timeout) {
  auto statement = run(call, timeout);
  if (!statement) return statement.error();
  rows_ = std::move(*statement);
  return describe();
}

Status OdbcHandles::describe() {
  SQLSMALLINT count = 0;
  if (!is_good(SQLNumResultCols(rows_->get(), &count)))
    return failure(SQL_HANDLE_STMT, rows_->get());
  if (count == 0) return Error{ErrorKind::Invalid, "", "the query gives no rows"};
  columns_.clear();
  for (SQLSMALLINT i = 1; i <= count; ++i) {
    std::u16string name(256, u'\0');
    SQLSMALLINT length = 0, type = 0, digits = 0, nullable = 0;
    SQLULEN size = 0;
    if (!is_good(SQLDescribeColW(rows_->get(), static_cast<SQLUSMALLINT>(i), wide(name),
                                 static_cast<SQLSMALLINT>(name.size()), &length, &type, &size,
                                 &digits, &nullable)))
      return failure(SQL_HANDLE_STMT, rows_->get());
    name.resize(std::min<std::size_t>(name.size() - 1, static_cast<std::size_t>(length)));
    columns_.push_back({to_utf8(name).value_or("?"), type});
  }
  return Done{};
}

Result<OdbcHandles::Slice> OdbcHandles::next_rows(const Reading& reading) {
  Slice slice;
  for (const auto& column : columns_) slice.rows.columns.push_back(column.name);
  std::size_t bytes = 0;
  while (slice.rows.rows.size() < reading.rows_max && bytes < reading.bytes_max) {
    const auto fetched = SQLFetch(rows_->get());
    slice.ended = fetched == SQL_NO_DATA;
    if (slice.ended) break;
    if (!is_good(fetched)) return failure(SQL_HANDLE_STMT, rows_->get());
    Cells row;
    auto room = reading.row_bytes_max;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      auto value = cell(static_cast<SQLUSMALLINT>(i + 1), columns_[i].type, room);
      if (!value) return value.error();
      room -= std::min(room, value->text.size());
      bytes += value->text.size();
      row.push_back(std::move(*value));
    }
    slice.rows.rows.push_back(std::move(row));
  }
  return slice;
}

Result<Cell> OdbcHandles::cell(SQLUSMALLINT number, SQLSMALLINT type, std::size_t bytes_max) {
  switch (type) {
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE:
      return real_cell(number, type);
    case SQL_TYPE_TIMESTAMP:
    case SQL_TIMESTAMP:
      return time_cell(number);
    default:
      break;
  }
  auto value = long_cell(number, type, bytes_max);
  if (!value || value->kind == Cell::Kind::Null) return value;
  switch (type) {
    case SQL_BIT:
      return Cell{Cell::Kind::Boolean, value->text == "0" ? "false" : "true"};
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
      return whole_number(std::move(value->text));
    default:
      return value;
  }
}

/// Binary as it is; all else as the driver writes it.
Result<Cell> OdbcHandles::long_cell(SQLUSMALLINT number, SQLSMALLINT type, std::size_t bytes_max) {
  const bool binary = type == SQL_BINARY || type == SQL_VARBINARY || type == SQL_LONGVARBINARY;
  std::string all, chunk(chunk_bytes, '\0');
  for (;;) {
    SQLLEN there = 0;
    const auto read = SQLGetData(rows_->get(), number, binary ? SQL_C_BINARY : SQL_C_WCHAR,
                                 chunk.data(), static_cast<SQLLEN>(chunk.size()), &there);
    if (read == SQL_NO_DATA) break;
    if (!is_good(read)) return failure(SQL_HANDLE_STMT, rows_->get());
    if (there == SQL_NULL_DATA) return Cell{};
    // A text that is cut has its end mark in the last character.
    const auto room = chunk.size() - (binary ? 0 : sizeof(char16_t));
    const bool cut = there == SQL_NO_TOTAL || static_cast<std::size_t>(there) > room;
    all.append(chunk, 0, cut ? room : static_cast<std::size_t>(there));
    if (all.size() > bytes_max * (binary ? 1 : sizeof(char16_t)))
      return Error{ErrorKind::Limit, "", "a row is longer than row_bytes_max"};
    if (!cut) break;
  }
  if (binary) return Cell{Cell::Kind::Bytes, std::move(all)};
  std::u16string text(all.size() / sizeof(char16_t), u'\0');
  all.copy(reinterpret_cast<char*>(text.data()), text.size() * sizeof(char16_t));
  auto utf8 = to_utf8(text);
  if (!utf8) return Error{ErrorKind::Invalid, "", "a text of the row has half a character"};
  return Cell{Cell::Kind::Text, std::move(*utf8)};
}

Result<Cell> OdbcHandles::real_cell(SQLUSMALLINT number, SQLSMALLINT type) {
  float narrow = 0;
  double full = 0;
  SQLLEN there = 0;
  const bool is_narrow = type == SQL_REAL;
  const auto read =
      is_narrow ? SQLGetData(rows_->get(), number, SQL_C_FLOAT, &narrow, sizeof narrow, &there)
                : SQLGetData(rows_->get(), number, SQL_C_DOUBLE, &full, sizeof full, &there);
  if (!is_good(read)) return failure(SQL_HANDLE_STMT, rows_->get());
  if (there == SQL_NULL_DATA) return Cell{};
  std::array<char, 64> text{};
  const auto end = is_narrow ? std::to_chars(text.data(), text.data() + text.size(), narrow).ptr
                             : std::to_chars(text.data(), text.data() + text.size(), full).ptr;
  return real_number({text.data(), end});
}

Result<Cell> OdbcHandles::time_cell(SQLUSMALLINT number) {
  SQL_TIMESTAMP_STRUCT time{};
  SQLLEN there = 0;
  const auto read =
      SQLGetData(rows_->get(), number, SQL_C_TYPE_TIMESTAMP, &time, sizeof time, &there);
  if (!is_good(read)) return failure(SQL_HANDLE_STMT, rows_->get());
  if (there == SQL_NULL_DATA) return Cell{};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02u:%02u:%02u.%09u", time.year,
                time.month, time.day, time.hour, time.minute, time.second,
                static_cast<unsigned>(time.fraction));
  std::string iso = text.data();
  iso.erase(iso.find_last_not_of('0') + 1);
  if (iso.ends_with('.')) iso.pop_back();
  return Cell{Cell::Kind::Text, std::move(iso)};
}

}  // namespace causeway::connectors::database
