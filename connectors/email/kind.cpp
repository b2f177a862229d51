#include "connectors/email/kind.h"

#include "connectors/email/sink.h"

namespace causeway::connectors::email {
namespace {

Result<std::unique_ptr<Sink>> make_sink(const config::Parsed& parsed, const Name& name,
                                        const Environment& environment) {
  auto settings = sink_settings(parsed, environment.secrets);
  if (!settings) return settings.error();
  return std::unique_ptr<Sink>(
      std::make_unique<EmailSink>(std::move(*settings), name, environment));
}

}  // namespace

const Kind& kind() {
  static const Kind kind{"email",   "Mail to people, by SMTP", nullptr, &sink_fields(), nullptr,
                         &make_sink};
  return kind;
}

}  // namespace causeway::connectors::email
