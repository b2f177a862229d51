#include "connectors/dicom/kind.h"

#include "connectors/dicom/sink.h"
#include "connectors/dicom/source.h"

namespace causeway::connectors::dicom {
namespace {

Result<std::unique_ptr<Source>> make_source(const config::Parsed& parsed, const Name& name,
                                            const Environment& environment) {
  auto settings = source_settings(parsed, environment.secrets);
  if (!settings) return settings.error();
  return std::unique_ptr<Source>(
      std::make_unique<DicomSource>(std::move(*settings), name, environment));
}

Result<std::unique_ptr<Sink>> make_sink(const config::Parsed& parsed, const Name& name,
                                        const Environment& environment) {
  auto settings = sink_settings(parsed, environment.secrets);
  if (!settings) return settings.error();
  return std::unique_ptr<Sink>(
      std::make_unique<DicomSink>(std::move(*settings), name, environment));
}

}  // namespace

const Kind& kind() {
  static const Kind kind{
      "dicom",          "DICOM objects over the network (C-STORE, C-ECHO), plain or TLS",
      &source_fields(), &sink_fields(),
      &make_source,     &make_sink};
  return kind;
}

}  // namespace causeway::connectors::dicom
