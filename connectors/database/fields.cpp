#include "connectors/database/fields.h"

#include "connectors/support/secret_field.h"

namespace causeway::connectors::database {
namespace {

constexpr std::int64_t longest_ms = 3'600'000;

config::Fields server_fields() {
  return {
      config::choice(
          "driver",
          "How the database is spoken to: PostgreSQL's own protocol, or a driver of ODBC "
          "(MariaDB, MySQL, SQL Server by FreeTDS, …)",
          {"postgresql", "odbc"}),
      config::text(
          "connection",
          "Where it is, without the password. postgresql: libpq's connection string or URL "
          "(\"host=db dbname=lab user=causeway sslmode=verify-full\"); odbc: the driver's "
          "(\"Driver=MariaDB Unicode;Server=db;Database=lab;UID=causeway\")")
          .required(),
      config::text("password", "The password that goes with it").secret(),
      config::duration_ms("connect_timeout_ms", "For a connection to be made", 10'000)
          .between(1, 600'000),
      config::duration_ms("timeout_ms", "For the answer to one statement", 30'000)
          .between(1, longest_ms),
  };
}

config::Fields with(config::Fields fields, config::Fields more) {
  for (auto& field : more) fields.push_back(field);
  return fields;
}

Error at(const char* field, const Error& error) {
  return {error.kind, field, error.str()};
}

Result<SqlText> statement(const std::string& text, Marks marks, const char* field) {
  auto parsed = SqlText::parse(text, marks);
  if (!parsed) return at(field, parsed.error());
  return parsed;
}

/// What a method needs, and others have no use for.
Status check_method(const config::Parsed& parsed, const SourceSettings& settings) {
  using Method = SourceSettings::Method;
  struct Rule {
    const char* field;
    bool wanted;
  };
  const auto method = settings.method;
  const Rule rules[] = {{"query", method != Method::Changes},
                        {"key", method != Method::Changes},
                        {"watermark_column", method == Method::Watermark},
                        {"watermark_start", method == Method::Watermark},
                        {"mark", method == Method::Mark},
                        {"slot", method == Method::Changes},
                        {"publication", method == Method::Changes}};
  for (const auto& [field, wanted] : rules) {
    if (wanted == parsed.given(field)) continue;
    return Error{ErrorKind::Invalid, field,
                 (wanted ? "is needed with \"method\": \"" : "means nothing with \"method\": \"") +
                     parsed.text("method") + "\""};
  }
  if (method != Method::Changes) return Done{};
  if (parsed.given("content_column") || parsed.text("driver") != "postgresql")
    return Error{ErrorKind::Invalid, "method",
                 "\"changes\" is PostgreSQL's, and has no content_column"};
  return Done{};
}

Status read_query(const config::Parsed& parsed, Marks marks, SourceSettings& settings) {
  auto query = statement(parsed.text("query"), marks, "query");
  if (!query) return query.error();
  settings.query = std::move(*query);
  settings.key = parsed.text_list("key");
  const bool by_watermark = settings.method == SourceSettings::Method::Watermark;
  bool uses_watermark = false;
  for (const auto& name : settings.query.names()) {
    if (!by_watermark || name != "watermark")
      return Error{ErrorKind::Invalid, "query", "nothing stands for :" + name};
    uses_watermark = true;
  }
  if (by_watermark && !uses_watermark)
    return Error{ErrorKind::Invalid, "query",
                 "it has no :watermark, so it would read everything each time"};
  for (const auto& text : parsed.text_list("mark")) {
    auto mark = statement(text, marks, "mark");
    if (!mark) return mark.error();
    settings.marks.push_back(std::move(*mark));
  }
  return Done{};
}

}  // namespace

const config::Fields& source_fields() {
  static const config::Fields fields = with(
      server_fields(),
      {
          config::choice("method",
                         "How it is known which rows are new: a column that grows (watermark); "
                         "what is read is marked by a statement (mark); the database tells of "
                         "changes (changes: PostgreSQL's logical replication)",
                         {"watermark", "mark", "changes"}),
          config::text(
              "query",
              "The rows to read, in their order. watermark: those at or behind :watermark, "
              "ordered by it; mark: those that aren't marked"),
          config::text_list("key",
                            "Columns that tell a row from all others; the row is stored once for "
                            "each key (and watermark)"),
          config::text("watermark_column", "The column that grows, by its name in the result"),
          config::text("watermark_start",
                       "Its value to begin with; another begins anew from there"),
          config::text_list("mark",
                            "Statements that mark a row, run when it is stored; :name is a column "
                            "of the row"),
          config::text("slot", "The replication slot, made beforehand for the plugin pgoutput"),
          config::text("publication", "The publication: which tables, and what of them"),
          config::text("content_column",
                       "The column that is the message; the others become its attributes. "
                       "Without: the row as JSON"),
          config::duration_ms("poll_interval_ms", "Time between two looks", 10'000)
              .between(10, 24 * longest_ms),
          config::text("cron",
                       "Instead of the interval: minute hour day month weekday, in the machine's "
                       "time zone"),
          config::integer("rows_max", "Rows that are read, stored and marked together")
              .between(1, 10'000)
              .defaults_to(1000),
          config::size_bytes("bytes_max", "Likewise, their bytes", 64 * 1024 * 1024)
              .between(1, 1024 * 1024 * 1024),
          config::size_bytes("row_bytes_max", "Of one row; a longer one is an error",
                             16 * 1024 * 1024)
              .between(1, 256 * 1024 * 1024),
          config::duration_ms("transaction_timeout_ms",
                              "How long rows that are being stored may stay locked", 60'000)
              .between(100, longest_ms),
      });
  return fields;
}

const config::Fields& sink_fields() {
  static const config::Fields fields = with(
      server_fields(),
      {
          config::object_list(
              "statements", "Run in their order, all in one transaction for each delivery",
              {
                  config::text(
                      "sql",
                      "One statement; :name is a value of the delivery's JSON, :a.b one "
                      "inside of an object. Upserts as the database has them (ON CONFLICT, "
                      "ON DUPLICATE KEY, MERGE)")
                      .required(),
                  config::text("for_each",
                               "The name of a list in the JSON: run once for each of its items, "
                               ":name being the item's, or else the whole's"),
                  config::integer("rows_min",
                                  "It has to change at least so many rows, or the delivery is "
                                  "rejected and all of it rolled back")
                      .between(0, 1'000'000)
                      .defaults_to(0),
              })
              .required(),
          config::integer("connections", "Deliveries made at once, each on its own connection")
              .between(1, 64)
              .defaults_to(1),
      });
  return fields;
}

Result<ServerSettings> server_settings(const config::Parsed& parsed, const Secrets* secrets) {
  ServerSettings settings;
  settings.driver = parsed.text("driver") == "odbc" ? ServerSettings::Driver::Odbc
                                                    : ServerSettings::Driver::Postgresql;
  settings.connection = parsed.text("connection");
  settings.connect_timeout = parsed.duration("connect_timeout_ms");
  settings.timeout = parsed.duration("timeout_ms");
  if (parsed.has("transaction_timeout_ms", config::FieldType::Integer))
    settings.transaction_timeout = parsed.duration("transaction_timeout_ms");
  auto password = secret_value(parsed, "password", secrets);
  if (!password) return password.error();
  settings.password = std::move(*password);
  return settings;
}

Result<SourceSettings> source_settings(const config::Parsed& parsed, Marks marks) {
  using Method = SourceSettings::Method;
  SourceSettings settings;
  const auto method = parsed.text("method");
  settings.method = method == "mark"      ? Method::Mark
                    : method == "changes" ? Method::Changes
                                          : Method::Watermark;
  if (auto checked = check_method(parsed, settings); !checked) return checked.error();
  if (settings.method != Method::Changes)
    if (auto read = read_query(parsed, marks, settings); !read) return read.error();
  settings.slot = parsed.text("slot");
  settings.publication = parsed.text("publication");
  settings.watermark_column = parsed.text("watermark_column");
  settings.watermark_start = parsed.text("watermark_start");
  settings.content_column = parsed.text("content_column");
  settings.times.interval = parsed.duration("poll_interval_ms");
  if (parsed.given("cron")) {
    auto cron = parse_cron(parsed.text("cron"));
    if (!cron) return cron.error();
    settings.times.cron = *cron;
  }
  settings.reading = {static_cast<std::size_t>(parsed.integer("rows_max")),
                      static_cast<std::size_t>(parsed.integer("bytes_max")),
                      static_cast<std::size_t>(parsed.integer("row_bytes_max"))};
  return settings;
}

Result<SinkSettings> sink_settings(const config::Parsed& parsed, Marks marks) {
  SinkSettings settings;
  settings.connections = static_cast<std::size_t>(parsed.integer("connections"));
  for (const auto& each : parsed.object_list("statements")) {
    auto sql = statement(each.text("sql"), marks, "statements");
    if (!sql) return sql.error();
    settings.statements.push_back(
        {std::move(*sql), name_parts(each.text("for_each")), each.integer("rows_min")});
  }
  if (settings.statements.empty()) return Error{ErrorKind::Invalid, "statements", "there is none"};
  return settings;
}

std::vector<std::string> name_parts(std::string_view name) {
  std::vector<std::string> parts;
  while (!name.empty()) {
    const auto dot = name.find('.');
    parts.emplace_back(name.substr(0, dot));
    name.remove_prefix(dot == name.npos ? name.size() : dot + 1);
  }
  return parts;
}

}  // namespace causeway::connectors::database
