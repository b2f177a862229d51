#include "connectors/database/postgres_connection.h"

#include <poll.h>

#include "connectors/database/sqlstate.h"

namespace causeway::connectors::database {
namespace {

/// libpq 15 knows no name for them.
constexpr const char* system_authorities = "/etc/ssl/certs/ca-certificates.crt";
/// How often whoever waits looks whether it is to stop.
constexpr Milliseconds look_every{100};

std::string word_of(const ConnectionWords& words, const char* name, const std::string& otherwise) {
  const auto found = words.find(name);
  return found == words.end() ? otherwise : found->second;
}

bool is_on_this_machine(const ConnectionWords& words) {
  const auto text = word_of(words, "hostaddr", word_of(words, "host", ""));
  return text.empty() || text.starts_with('/') || text.starts_with('@') || text == "localhost" ||
         text.starts_with("127.") || text == "::1";
}

/// What results look like must not be the server's to say.
constexpr const char* session_settings[] = {"SET client_encoding = 'UTF8'",
                                            "SET datestyle = 'ISO'",
                                            "SET intervalstyle = 'iso_8601'",
                                            "SET timezone = 'UTC'",
                                            "SET bytea_output = 'hex'",
                                            "SET extra_float_digits = 1",
                                            "SET standard_conforming_strings = on"};

std::string field_of(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text ? text : "";
}

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

Result<ConnectionWords> connection_words(const ServerSettings& settings) {
  char* complaint = nullptr;
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(settings.connection.c_str(), &complaint), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owner(complaint, &PQfreemem);
  if (!options)
    return Error{ErrorKind::Invalid, "connection",
                 complaint ? without_line_end(complaint) : "it can't be read"};
  ConnectionWords words;
  for (const auto* option = options.get(); option->keyword; ++option)
    if (option->val) words[option->keyword] = option->val;
  if (words.contains("password"))
    return Error{ErrorKind::Invalid, "connection",
                 "a password doesn't belong here: give it as \"password\": \"secret:NAME\""};
  if (!settings.password.empty()) words["password"] = settings.password;
  if (!words.contains("application_name")) words["application_name"] = "causeway";
  if (!words.contains("sslmode") && !is_on_this_machine(words)) words["sslmode"] = "verify-full";
  if (words["sslmode"].empty()) words.erase("sslmode");
  if (!words.contains("sslrootcert") && words.contains("sslmode") &&
      words["sslmode"].starts_with("verify"))
    words["sslrootcert"] = system_authorities;
  return words;
}

std::string database_of(const ConnectionWords& words) {
  return word_of(words, "dbname", word_of(words, "user", ""));
}

std::string address_of(const ConnectionWords& words) {
  return "postgresql://" + word_of(words, "host", word_of(words, "hostaddr", "localhost")) + ":" +
         word_of(words, "port", "5432") + "/" + database_of(words);
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(
    const ConnectionWords& words, const ServerSettings& settings, const std::atomic<bool>& stop) {
  std::unique_ptr<PostgresConnection> made(new PostgresConnection(settings, stop));
  if (auto connected = made->connect(words); !connected) return connected.error();
  if (auto prepared = made->prepare_session(words); !prepared) return prepared.error();
  return made;
}

/// One by one: where changes are streamed, several statements in one text are not taken.
Status PostgresConnection::prepare_session(const ConnectionWords& words) {
  std::vector<std::string> all(std::begin(session_settings), std::end(session_settings));
  // A stream of changes has no end.
  if (!words.contains("replication")) {
    all.push_back("SET statement_timeout = " + std::to_string(settings_.timeout.count()));
    all.push_back("SET idle_in_transaction_session_timeout = " +
                  std::to_string(settings_.transaction_timeout.count()));
    std::string together;
    for (const auto& each : all) together += each + ";";
    all = {together};
  }
  for (const auto& each : all)
    if (auto set = run_simple(each); !set) return set.error();
  return Done{};
}

Status PostgresConnection::connect(const ConnectionWords& words) {
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : words) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  const auto deadline = std::chrono::steady_clock::now() + settings_.connect_timeout;
  connection_ = PQconnectStartParams(keys.data(), values.data(), 0);
  if (!connection_) return lose(ErrorKind::Unavailable, "libpq gives no connection");
  for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;) {
    if (state == PGRES_POLLING_FAILED || PQstatus(connection_) == CONNECTION_BAD)
      return lose(ErrorKind::Unavailable, without_line_end(PQerrorMessage(connection_)));
    const short wanted = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (auto ready = wait(wanted, deadline); !ready) return ready;
    state = PQconnectPoll(connection_);
  }
  PQsetnonblocking(connection_, 1);
  // Notices are nobody's to read, and would go to the standard error.
  PQsetNoticeReceiver(
      connection_, [](void*, const PGresult*) {}, nullptr);
  return Done{};
}

Error PostgresConnection::lose(ErrorKind kind, std::string text) {
  lost_ = true;
  return {kind, "", std::move(text)};
}

Status PostgresConnection::wait(short wanted, SteadyTime deadline) {
  for (;;) {
    if (stop_) return lose(ErrorKind::Stopped, "stopped");
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return lose(ErrorKind::TimedOut, "the database did not answer in time");
    pollfd socket{PQsocket(connection_), wanted, 0};
    if (socket.fd < 0) return lose(ErrorKind::Unavailable, "the connection is gone");
    if (::poll(&socket, 1, static_cast<int>(std::min(left, look_every).count())) > 0) return Done{};
  }
}

Result<PgResult> PostgresConnection::next_result(SteadyTime deadline) {
  for (;;) {
    const int unsent = PQflush(connection_);
    if (unsent < 0) return lose(ErrorKind::Unavailable, "the connection is lost");
    if (unsent == 0 && !PQisBusy(connection_)) return PgResult(PQgetResult(connection_));
    const auto wanted = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
    if (auto ready = wait(wanted, deadline); !ready) return ready.error();
    if (!PQconsumeInput(connection_)) return lose(ErrorKind::Unavailable, "the connection is lost");
  }
}

Error PostgresConnection::failure(const PGresult* result) {
  const auto state = field_of(result, PG_DIAG_SQLSTATE);
  if (PQstatus(connection_) == CONNECTION_BAD || state.empty() || is_unknown_commit(state))
    lost_ = true;
  auto text = field_of(result, PG_DIAG_MESSAGE_PRIMARY);
  if (text.empty()) text = without_line_end(PQresultErrorMessage(result));
  const auto detail = field_of(result, PG_DIAG_MESSAGE_DETAIL);
  return {kind_of_state(state), state.empty() ? "" : "SQLSTATE " + state,
          detail.empty() ? text : text + " (" + detail + ")"};
}

Result<PgResult> PostgresConnection::run(const std::string& sql, const Cells& parameters) {
  std::vector<const char*> values;
  for (const auto& each : parameters)
    values.push_back(each.kind == Cell::Kind::Null ? nullptr : each.text.c_str());
  if (!PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                         values.data(), nullptr, nullptr, 0))
    return lose(ErrorKind::Unavailable, "the connection is lost");
  return result_of_sent();
}

Result<PgResult> PostgresConnection::run_simple(const std::string& sql) {
  if (!PQsendQuery(connection_, sql.c_str()))
    return lose(ErrorKind::Unavailable, "the connection is lost");
  return result_of_sent();
}

/// The last of several.
Result<PgResult> PostgresConnection::result_of_sent() {
  const auto deadline = std::chrono::steady_clock::now() + patience_for(settings_.timeout);
  PgResult last;
  std::optional<Error> failed;
  for (;;) {
    auto next = next_result(deadline);
    if (!next) return next.error();
    if (!*next) break;
    const auto status = PQresultStatus(next->get());
    if (status == PGRES_COPY_BOTH) return std::move(*next);  // what follows is for `receive`
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
      return lose(ErrorKind::Invalid, "COPY can't be used here");
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE)
      failed = failure(next->get());
    else
      last = std::move(*next);
  }
  if (PQstatus(connection_) == CONNECTION_BAD) lost_ = true;
  if (failed) return *failed;
  if (!last) return lose(ErrorKind::Unavailable, "the connection is lost");
  return last;
}

Result<PostgresConnection::Arrived> PostgresConnection::receive(std::string& message,
                                                                Milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(connection_, &bytes, 1);
    const std::unique_ptr<char, decltype(&PQfreemem)> owner(bytes, &PQfreemem);
    if (size > 0) {
      message.assign(bytes, static_cast<std::size_t>(size));
      return Arrived::Message;
    }
    if (size < 0) {
      const PgResult last(PQgetResult(connection_));
      lost_ = true;
      return last ? failure(last.get()) : lose(ErrorKind::Unavailable, "the stream has ended");
    }
    if (stop_) return lose(ErrorKind::Stopped, "stopped");
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd socket{PQsocket(connection_), POLLIN, 0};
    if (socket.fd < 0) return lose(ErrorKind::Unavailable, "the connection is gone");
    const auto longest = std::clamp(left, Milliseconds(0), look_every);
    if (::poll(&socket, 1, static_cast<int>(longest.count())) > 0) {
      if (!PQconsumeInput(connection_))
        return lose(ErrorKind::Unavailable, "the connection is lost");
    } else if (left.count() <= 0) {
      return Arrived::Nothing;
    }
  }
}

Status PostgresConnection::send(std::string_view message) {
  const auto deadline = std::chrono::steady_clock::now() + patience_for(settings_.timeout);
  if (PQputCopyData(connection_, message.data(), static_cast<int>(message.size())) != 1)
    return lose(ErrorKind::Unavailable, "the connection is lost");
  for (;;) {
    const int unsent = PQflush(connection_);
    if (unsent == 0) return Done{};
    if (unsent < 0) return lose(ErrorKind::Unavailable, "the connection is lost");
    if (auto ready = wait(POLLOUT, deadline); !ready) return ready;
  }
}

}  // namespace causeway::connectors::database
