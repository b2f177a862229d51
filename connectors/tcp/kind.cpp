#include "connectors/tcp/kind.h"

#include "connectors/support/made_of_settings.h"
#include "connectors/tcp/sink.h"
#include "connectors/tcp/source.h"

namespace causeway::connectors::tcp {

const Kind& kind() {
  static const Kind kind{"tcp",
                         "Messages in frames of any kind over TCP, plain or TLS",
                         &source_fields(),
                         &sink_fields(),
                         &made_of_settings<Source, TcpSource, source_settings>,
                         &made_of_settings<Sink, TcpSink, sink_settings>};
  return kind;
}

}  // namespace causeway::connectors::tcp
