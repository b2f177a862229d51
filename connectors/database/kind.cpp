#include "connectors/database/kind.h"

#include "connectors/database/changes_source.h"
#include "connectors/database/odbc.h"
#include "connectors/database/postgres.h"
#include "connectors/database/sink.h"
#include "connectors/database/source.h"

namespace causeway::connectors::database {
namespace {

Result<std::unique_ptr<Database>> make_database(const ServerSettings& settings) {
  return settings.driver == ServerSettings::Driver::Odbc ? make_odbc(settings)
                                                         : make_postgres(settings);
}

Result<std::unique_ptr<Source>> make_source(const config::Parsed& parsed, const Name& name,
                                            const Environment& environment) {
  auto server = server_settings(parsed, environment.secrets);
  if (!server) return server.error();
  auto database = make_database(*server);
  if (!database) return database.error();
  auto settings = source_settings(parsed, (*database)->marks());
  if (!settings) return settings.error();
  if (settings->method == SourceSettings::Method::Changes)
    return std::unique_ptr<Source>(std::make_unique<ChangesSource>(
        std::move(*settings), std::move(*server), std::move(*database), name, environment));
  return std::unique_ptr<Source>(std::make_unique<DatabaseSource>(
      std::move(*settings), std::move(*database), name, environment));
}

Result<std::unique_ptr<Sink>> make_sink(const config::Parsed& parsed, const Name& name,
                                        const Environment& environment) {
  auto server = server_settings(parsed, environment.secrets);
  if (!server) return server.error();
  auto database = make_database(*server);
  if (!database) return database.error();
  auto settings = sink_settings(parsed, (*database)->marks());
  if (!settings) return settings.error();
  return std::unique_ptr<Sink>(std::make_unique<DatabaseSink>(
      std::move(*settings), std::move(*database), name, environment));
}

}  // namespace

const Kind& kind() {
  static const Kind kind{"database",     "Rows of a database", &source_fields(),
                         &sink_fields(), &make_source,         &make_sink};
  return kind;
}

}  // namespace causeway::connectors::database
