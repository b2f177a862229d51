#include "engine/store/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include "engine/store/postgres/big_endian.h"

namespace causeway::store {
namespace {

/// A Params in the form that libpq takes.
struct Wire {
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
};

void close(pg_conn* connection) {
  PQfinish(connection);
}

void ignore_notice(void*, const char*) {}

bool any_of(std::string_view state, std::initializer_list<std::string_view> prefixes) {
  for (auto prefix : prefixes)
    if (state.starts_with(prefix)) return true;
  return false;
}

}  // namespace

ErrorKind error_kind_of(std::string_view state) {
  if (state.empty()) return ErrorKind::Unavailable;
  // Connection, rollback, resources, operator intervention, system, locks, read-only (a failover).
  if (any_of(state, {"08", "40", "53", "57", "58", "55P03", "55006", "25006", "3D000"}))
    return ErrorKind::Unavailable;
  if (any_of(state, {"23505"})) return ErrorKind::Conflict;
  if (any_of(state, {"22", "23"})) return ErrorKind::Invalid;
  if (any_of(state, {"54"})) return ErrorKind::Limit;
  if (any_of(state, {"28", "42501"})) return ErrorKind::NotPermitted;
  return ErrorKind::Internal;
}

Params& Params::integer(std::int64_t value) {
  Value it;
  append_big_endian(it.own, static_cast<std::uint64_t>(value));
  values_.push_back(std::move(it));
  return *this;
}

Params& Params::small(std::int16_t value) {
  Value it;
  append_big_endian(it.own, static_cast<std::uint16_t>(value));
  values_.push_back(std::move(it));
  return *this;
}

Params& Params::normal(std::int32_t value) {
  Value it;
  append_big_endian(it.own, static_cast<std::uint32_t>(value));
  values_.push_back(std::move(it));
  return *this;
}

Params& Params::bytes(std::string_view value) {
  values_.push_back({std::string(value), {}, false});
  return *this;
}

Params& Params::array(std::string_view value) {
  values_.push_back({{}, value, false});
  return *this;
}

Params& Params::null() {
  values_.push_back({{}, {}, true});
  return *this;
}

namespace {

template <class Values>
Wire wire_of(const Values& values) {
  Wire wire;
  for (const auto& value : values) {
    const std::string_view bytes = value.other.data() ? value.other : std::string_view(value.own);
    wire.values.push_back(value.is_null ? nullptr : bytes.data());
    wire.lengths.push_back(static_cast<int>(bytes.size()));
    wire.formats.push_back(1);
  }
  return wire;
}

}  // namespace

Connection::Connection(pg_conn* connection) : connection_(connection, &close) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const Target& target) {
  const std::string patience = std::to_string(connect_patience.count());
  const char* keys[] = {"dbname",           "application_name", "connect_timeout",
                        "client_encoding",  "keepalives_idle",  "keepalives_interval",
                        "keepalives_count", "tcp_user_timeout", nullptr};
  const char* values[] = {target.conninfo.c_str(),
                          target.application.c_str(),
                          patience.c_str(),
                          "UTF8",
                          "10",
                          "5",
                          "3",
                          "30000",
                          nullptr};
  Connection opened(PQconnectdbParams(keys, values, 1));
  if (PQstatus(opened.connection_.get()) != CONNECTION_OK) return opened.lost("cannot connect");
  PQsetNoticeProcessor(opened.connection_.get(), &ignore_notice, nullptr);
  if (auto done = opened.set_up(); !done) return done.error();
  return opened;
}

const char* const Connection::planner_settings =
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_bitmapscan = off;"
    "SET jit = off;";

Status Connection::set_up() {
  if (auto done = run(planner_settings); !done) return done;
  auto done =
      run("SET timezone = 'UTC'; SET search_path = causeway; SET lock_timeout = '10s';"
          "SET statement_timeout = '50s'; SET idle_in_transaction_session_timeout = '60s'");
  if (!done) return done;
  auto rows = query(
      "SELECT (extract(epoch FROM backend_start) * 1000000)::bigint FROM pg_stat_activity"
      " WHERE pid = pg_backend_pid()");
  if (!rows) return rows.error();
  if (!rows->empty()) backend_start_ = rows->integer(0, 0);
  return Done{};
}

bool Connection::usable() const {
  return !broken_ && PQstatus(connection_.get()) == CONNECTION_OK;
}

bool Connection::still_there() {
  if (!usable()) return false;
  pollfd idle{PQsocket(connection_.get()), POLLIN, 0};
  // A server that goes says why, and then closes: both are to be read.
  for (int reads = 0; reads < 8 && ::poll(&idle, 1, 0) > 0; ++reads)
    if (PQconsumeInput(connection_.get()) == 0) broken_ = true;
  return usable();
}

int Connection::backend_pid() const {
  return PQbackendPID(connection_.get());
}

Error Connection::lost(const char* what) {
  std::string text = PQerrorMessage(connection_.get());
  while (!text.empty() && text.back() == '\n') text.pop_back();
  state_.clear();
  error_ = {ErrorKind::Unavailable, "database", std::string(what) + ": " + text};
  return error_;
}

Error Connection::failed(const pg_result* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  state_ = state != nullptr ? state : "";
  error_ = {error_kind_of(state_), "database",
            message != nullptr ? message : PQresultErrorMessage(result)};
  if (!state_.empty()) error_.text += " (" + state_ + ")";
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == nullptr || std::string_view(severity) != "ERROR") broken_ = true;
  return error_;
}

bool Connection::wait_readable(SteadyTime deadline) {
  while (PQisBusy(connection_.get()) != 0) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const short events = PQflush(connection_.get()) == 1 ? POLLIN | POLLOUT : POLLIN;
    pollfd waited{PQsocket(connection_.get()), events, 0};
    if (waited.fd < 0) return false;
    if (::poll(&waited, 1, static_cast<int>(left.count())) < 0 && errno != EINTR) return false;
    if (waited.revents != 0 && PQconsumeInput(connection_.get()) == 0) return false;
  }
  return true;
}

std::shared_ptr<pg_result> Connection::next_result() {
  if (!wait_readable(std::chrono::steady_clock::now() + patience_)) {
    lost("connection lost");
    broken_ = true;
    return nullptr;
  }
  return {PQgetResult(connection_.get()), &PQclear};
}

Status Connection::run(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return lost("cannot send");
  Status status = Done{};
  for (;;) {
    auto result = next_result();
    if (!result) break;
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) status = failed(result.get());
  }
  if (status.ok() && !usable()) return error_;
  return status;
}

Result<Rows> Connection::query(const char* sql, const Params& params) {
  auto wire = wire_of(params.values_);
  if (PQsendQueryParams(connection_.get(), sql, static_cast<int>(wire.values.size()), nullptr,
                        wire.values.data(), wire.lengths.data(), wire.formats.data(), 1) == 0)
    return lost("cannot send");
  return finish_query();
}

Result<Rows> Connection::finish_query() {
  std::optional<Result<Rows>> answer;
  for (;;) {
    auto result = next_result();
    if (!result) break;
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_FATAL_ERROR)
      answer = failed(result.get());
    else
      answer = Rows(std::move(result));
  }
  if (!answer) return error_;
  return std::move(*answer);
}

Status Connection::prepare(const Statement& statement) {
  if (PQsendPrepare(connection_.get(), statement.name, statement.sql, 0, nullptr) == 0)
    return lost("cannot send");
  auto answer = finish_query();
  if (!answer) return answer.error();
  return Done{};
}

Status Connection::allow_long_statements(std::chrono::seconds longest) {
  patience_ = longest + std::chrono::seconds(10);
  return run(
      "RESET enable_seqscan; RESET enable_hashjoin; RESET enable_bitmapscan;"
      "SET statement_timeout = '" +
      std::to_string(longest.count()) + "s'");
}

Status Connection::enter_pipeline() {
  if (PQenterPipelineMode(connection_.get()) == 0) return lost("cannot enter pipeline mode");
  return Done{};
}

Status Connection::send(const Statement& prepared, const Params& params) {
  auto wire = wire_of(params.values_);
  if (PQsendQueryPrepared(connection_.get(), prepared.name, static_cast<int>(wire.values.size()),
                          wire.values.data(), wire.lengths.data(), wire.formats.data(), 1) == 0)
    return lost("cannot send");
  return Done{};
}

Status Connection::sync() {
  if (PQpipelineSync(connection_.get()) == 0) return lost("cannot send");
  return Done{};
}

Status Connection::flush() {
  if (PQsendFlushRequest(connection_.get()) == 0 || PQflush(connection_.get()) < 0)
    return lost("cannot send");
  return Done{};
}

Connection::Answer Connection::receive() {
  // Each answer is followed by a null result, but for the one to a sync.
  for (int nulls = 0; nulls < 2; ++nulls) {
    auto result = next_result();
    if (!result) {
      if (!usable()) return {};
      continue;
    }
    switch (PQresultStatus(result.get())) {
      case PGRES_PIPELINE_SYNC:
        return {Answer::Kind::Synced, std::nullopt};
      case PGRES_PIPELINE_ABORTED:
        return {Answer::Kind::Skipped, std::nullopt};
      case PGRES_FATAL_ERROR:
        failed(result.get());
        return {usable() ? Answer::Kind::Error : Answer::Kind::Lost, std::nullopt};
      default:
        return {Answer::Kind::Rows, Rows(std::move(result))};
    }
  }
  return {};
}

}  // namespace causeway::store
