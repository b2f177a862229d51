#include "connectors/http/kind.h"

#include "connectors/http/sink.h"
#include "connectors/http/source.h"

namespace causeway::connectors::http {
namespace {

Result<std::unique_ptr<Source>> make_source(const config::Parsed& parsed, const Name& name,
                                            const Environment& environment) {
  auto settings = source_settings(parsed, environment.secrets);
  if (!settings) return settings.error();
  return std::unique_ptr<Source>(
      std::make_unique<HttpSource>(std::move(*settings), name, environment));
}

Result<std::unique_ptr<Sink>> make_sink(const config::Parsed& parsed, const Name& name,
                                        const Environment& environment) {
  auto settings = sink_settings(parsed, environment.secrets);
  if (!settings) return settings.error();
  return std::unique_ptr<Sink>(std::make_unique<HttpSink>(std::move(*settings), name, environment));
}

}  // namespace

const Kind& kind() {
  static const Kind kind{
      "http",
      "HTTP and HTTPS: requests that come in as messages, and messages sent as requests",
      &source_fields(),
      &sink_fields(),
      &make_source,
      &make_sink};
  return kind;
}

}  // namespace causeway::connectors::http
