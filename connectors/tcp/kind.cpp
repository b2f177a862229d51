#include "connectors/tcp/kind.h"

#include "connectors/tcp/sink.h"
#include "connectors/tcp/source.h"

namespace causeway::connectors::tcp {
namespace {

Result<std::unique_ptr<Source>> make_source(const config::Parsed& parsed, const Name& name,
                                            const Environment& environment) {
  auto settings = source_settings(parsed, environment.secrets);
  if (!settings) return settings.error();
  return std::unique_ptr<Source>(
      std::make_unique<TcpSource>(std::move(*settings), name, environment));
}

Result<std::unique_ptr<Sink>> make_sink(const config::Parsed& parsed, const Name& name,
                                        const Environment& environment) {
  auto settings = sink_settings(parsed, environment.secrets);
  if (!settings) return settings.error();
  return std::unique_ptr<Sink>(std::make_unique<TcpSink>(std::move(*settings), name, environment));
}

}  // namespace

const Kind& kind() {
  static const Kind kind{"tcp",
                         "Messages in frames of any kind over TCP, plain or TLS",
                         &source_fields(),
                         &sink_fields(),
                         &make_source,
                         &make_sink};
  return kind;
}

}  // namespace causeway::connectors::tcp
