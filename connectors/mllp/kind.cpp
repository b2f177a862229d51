#include "connectors/mllp/kind.h"

#include "connectors/mllp/sink.h"
#include "connectors/mllp/source.h"

namespace causeway::connectors::mllp {
namespace {

Result<std::unique_ptr<Source>> make_source(const config::Parsed& parsed, const Name& name,
                                            const Environment& environment) {
  auto settings = source_settings(parsed, environment.secrets);
  if (!settings) return settings.error();
  return std::unique_ptr<Source>(
      std::make_unique<MllpSource>(std::move(*settings), name, environment));
}

Result<std::unique_ptr<Sink>> make_sink(const config::Parsed& parsed, const Name& name,
                                        const Environment& environment) {
  auto settings = sink_settings(parsed, environment.secrets);
  if (!settings) return settings.error();
  return std::unique_ptr<Sink>(std::make_unique<MllpSink>(std::move(*settings), name, environment));
}

}  // namespace

const Kind& kind() {
  static const Kind kind{
      "mllp",           "HL7 v2 over TCP (MLLP), plain or TLS, with acknowledgements",
      &source_fields(), &sink_fields(),
      &make_source,     &make_sink};
  return kind;
}

}  // namespace causeway::connectors::mllp
