#include "connectors/dicom/kind.h"

#include "connectors/dicom/sink.h"
#include "connectors/dicom/source.h"
#include "connectors/support/made_of_settings.h"

namespace causeway::connectors::dicom {

const Kind& kind() {
  static const Kind kind{"dicom",
                         "DICOM objects over the network (C-STORE, C-ECHO), plain or TLS",
                         &source_fields(),
                         &sink_fields(),
                         &made_of_settings<Source, DicomSource, source_settings>,
                         &made_of_settings<Sink, DicomSink, sink_settings>};
  return kind;
}

}  // namespace causeway::connectors::dicom
