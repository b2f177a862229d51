#include "connectors/mllp/kind.h"

#include "connectors/mllp/sink.h"
#include "connectors/mllp/source.h"
#include "connectors/support/made_of_settings.h"

namespace causeway::connectors::mllp {

const Kind& kind() {
  static const Kind kind{"mllp",
                         "HL7 v2 over TCP (MLLP), plain or TLS, with acknowledgements",
                         &source_fields(),
                         &sink_fields(),
                         &made_of_settings<Source, MllpSource, source_settings>,
                         &made_of_settings<Sink, MllpSink, sink_settings>};
  return kind;
}

}  // namespace causeway::connectors::mllp
