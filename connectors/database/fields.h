// What a database source and sink can be told, and what was read of it. Plain values.
// Errors: Invalid (a statement, a column, a cron expression), a secret that isn't there.
#pragma once

#include "connectors/database/sql_text.h"
#include "connectors/support/cron.h"
#include "engine/config/fields.h"
#include "engine/core/secrets.h"

namespace causeway::connectors::database {

const config::Fields& source_fields();
const config::Fields& sink_fields();

struct ServerSettings {
  enum class Driver : std::uint8_t { Postgresql, Odbc };
  Driver driver = Driver::Postgresql;
  std::string connection;  ///< As the driver has it; no password in it.
  std::string password;
  Milliseconds connect_timeout{10'000};
  Milliseconds timeout{30'000};              ///< For one statement.
  Milliseconds transaction_timeout{60'000};  ///< In which a transaction may stand idle.
};

/// How long an answer is waited for: the server is to give up first, and say so.
constexpr Milliseconds patience_for(Milliseconds timeout) {
  return timeout + std::max(Milliseconds(250), timeout / 4);
}

struct SourceSettings {
  enum class Method : std::uint8_t { Watermark, Mark, Changes };
  Method method = Method::Watermark;
  LookTimes times;
  SqlText query;
  Reading reading;
  std::vector<std::string> key;  ///< Columns that tell a row from all others.
  std::string watermark_column;
  std::string watermark_start;
  std::vector<SqlText> marks;
  std::string slot, publication;
  std::string content_column;  ///< Empty: the row as JSON is the message.
};

struct StatementSettings {
  SqlText sql;
  std::vector<std::string> for_each;  ///< The list's name, by its parts; empty: run once.
  std::int64_t rows_min = 0;
};

struct SinkSettings {
  std::vector<StatementSettings> statements;
  std::size_t connections = 1;
};

Result<ServerSettings> server_settings(const config::Parsed& parsed, const Secrets* secrets);
Result<SourceSettings> source_settings(const config::Parsed& parsed, Marks marks);
Result<SinkSettings> sink_settings(const config::Parsed& parsed, Marks marks);

/// "patient.name" → patient, name.
std::vector<std::string> name_parts(std::string_view name);

}  // namespace causeway::connectors::database
