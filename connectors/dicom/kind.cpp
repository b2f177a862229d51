#include "connectors/dicom/kind.h"

#include "connectors/dicom/sink.h"
#include "connectors/dicom/source.h"
#include "connectors/support/made_of_settings.h"

namespace causeway::connectors::dicom {

const Kind& kind() {
  static const Kind kind{"dicom",
                         "DICOM over the network, plain or TLS: objects that are stored, queries "
                         "of worklists, procedure steps, storage commitment",
                         &source_fields(),
                         &sink_fields(),
                         &made_of_settings<Source, DicomSource, source_settings>,
                         &made_of_settings<Sink, DicomSink, sink_settings>};
  return kind;
}

}  // namespace causeway::connectors::dicom
