#include "engine/pipeline/enrich/lookup.h"

namespace causeway::pipeline {

Result<std::unique_ptr<Lookup>> make_lookup(const config::EnrichConfig& config,
                                            const LookupEnvironment& environment) {
  switch (config.kind) {
    case config::EnrichConfig::Kind::Table:
      return make_table_lookup(config);
    case config::EnrichConfig::Kind::Http:
      return make_http_lookup(config, environment);
    case config::EnrichConfig::Kind::Sql:
      return make_sql_lookup(config, environment);
  }
  return Error{ErrorKind::Invalid, config.name, "there is no such look-up"};
}

Status check_lookup(const config::EnrichConfig& config) {
  return config.kind == config::EnrichConfig::Kind::Http ? check_http_lookup(config)
                                                         : Status(Done{});
}

Result<std::string> secret_of(const config::EnrichConfig& config, std::string_view field,
                              const LookupEnvironment& environment) {
  const auto reference = config.settings.text(field);
  const auto name = config::secret_name(reference);
  if (!name) return std::string();
  if (environment.secrets) return environment.secrets->value(*name);
  return Error{ErrorKind::Unavailable, reference, "secrets can't be read here"};
}

Error answer_too_large(const config::EnrichConfig& config) {
  return {ErrorKind::Limit, "",
          "the answer has more than " + std::to_string(config.answer_bytes_max) +
              " bytes (answer_bytes_max)"};
}

}  // namespace causeway::pipeline
