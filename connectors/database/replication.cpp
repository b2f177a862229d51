#include "connectors/database/replication.h"

#include "connectors/database/postgres_connection.h"

namespace causeway::connectors::database {
namespace {

constexpr std::size_t data_header = 1 + 8 + 8 + 8;  // kind, start, end, time
constexpr std::size_t keep_alive_bytes = 1 + 8 + 8 + 1;

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out + quote;
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void append_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

std::uint64_t microseconds_since_2000() {
  const SystemTime start{std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}};
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::system_clock::now() - start)
                                        .count());
}

std::string value_of(const PGresult* result, int column) {
  return PQgetisnull(result, 0, column) ? "" : PQgetvalue(result, 0, column);
}

}  // namespace

std::string position_text(LogPosition position) {
  char text[32];
  std::snprintf(text, sizeof text, "%X/%X", static_cast<unsigned>(position >> 32),
                static_cast<unsigned>(position));
  return text;
}

ChangeStream::ChangeStream(std::unique_ptr<PostgresConnection> connection)
    : connection_(std::move(connection)) {}
ChangeStream::~ChangeStream() = default;

Result<std::unique_ptr<ChangeStream>> ChangeStream::open(const ServerSettings& settings,
                                                         const Source& source,
                                                         const std::atomic<bool>& stop) {
  auto words = connection_words(settings);
  if (!words) return words.error();
  (*words)["replication"] = "database";
  auto connection = PostgresConnection::open(*words, settings, stop);
  if (!connection) return connection.error();
  // From 0/0: behind what the slot has as confirmed.
  auto started = (*connection)
                     ->run_simple("START_REPLICATION SLOT " + quoted(source.slot, '"') +
                                  " LOGICAL 0/0 (proto_version '1', publication_names " +
                                  quoted(quoted(source.publication, '"'), '\'') + ")");
  if (!started) return started.error();
  return std::unique_ptr<ChangeStream>(new ChangeStream(std::move(*connection)));
}

Result<std::optional<std::string>> ChangeStream::next(Milliseconds patience,
                                                      std::size_t bytes_max) {
  std::string message;
  for (;;) {
    auto arrived = connection_->receive(message, patience);
    if (!arrived) return arrived.error();
    if (*arrived == PostgresConnection::Arrived::Nothing) return std::optional<std::string>();
    if (message[0] == 'k') {
      if (auto answered = keep_alive(message); !answered) return answered.error();
      return std::optional<std::string>();
    }
    if (message[0] != 'w' || message.size() < data_header)
      return Error{ErrorKind::Invalid, "", "the stream breaks its format"};
    if (message.size() - data_header > bytes_max)
      return Error{ErrorKind::Limit, "", "a change is longer than row_bytes_max"};
    message.erase(0, data_header);
    return std::optional(std::move(message));
  }
}

Status ChangeStream::keep_alive(std::string_view message) {
  if (message.size() < keep_alive_bytes)
    return Error{ErrorKind::Invalid, "", "the stream breaks its format"};
  idle_at_ = number_at(message, 1);
  if (message[keep_alive_bytes - 1] == 0) return Done{};
  return confirm(confirmed_);
}

Status ChangeStream::confirm(LogPosition position) {
  confirmed_ = std::max(confirmed_, position);
  std::string message = "r";
  for (int i = 0; i < 3; ++i) append_number(message, confirmed_);  // written, flushed, applied
  append_number(message, microseconds_since_2000());
  message += '\0';
  return connection_->send(message);
}

Result<std::string> describe_slot(const ServerSettings& settings,
                                  const ChangeStream::Source& source) {
  auto words = connection_words(settings);
  if (!words) return words.error();
  const std::atomic<bool> never{false};
  auto connection = PostgresConnection::open(*words, settings, never);
  if (!connection) return connection.error();
  auto found = (*connection)
                   ->run(
                       "SELECT s.plugin, s.database = current_database(),"
                       " pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn),"
                       " (SELECT count(*) FROM pg_publication WHERE pubname = $2)"
                       " FROM pg_replication_slots s WHERE s.slot_name = $1",
                       {{Cell::Kind::Text, source.slot}, {Cell::Kind::Text, source.publication}});
  if (!found) return found.error();
  const auto* row = found->get();
  if (PQntuples(row) == 0)
    return Error{ErrorKind::NotFound, source.slot,
                 "there is no such replication slot: SELECT "
                 "pg_create_logical_replication_slot('" +
                     source.slot + "', 'pgoutput')"};
  if (value_of(row, 0) != "pgoutput" || value_of(row, 1) != "t")
    return Error{ErrorKind::Invalid, source.slot,
                 "the slot is not of the plugin pgoutput in this database"};
  if (value_of(row, 3) == "0")
    return Error{ErrorKind::NotFound, source.publication, "there is no such publication"};
  return "slot " + source.slot + " is " + value_of(row, 2) + " bytes behind";
}

}  // namespace causeway::connectors::database
