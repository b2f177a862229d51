#include "connectors/http/kind.h"

#include "connectors/http/sink.h"
#include "connectors/http/source.h"
#include "connectors/support/made_of_settings.h"

namespace causeway::connectors::http {

const Kind& kind() {
  static const Kind kind{
      "http",
      "HTTP and HTTPS: requests that come in as messages, and messages sent as requests",
      &source_fields(),
      &sink_fields(),
      &made_of_settings<Source, HttpSource, source_settings>,
      &made_of_settings<Sink, HttpSink, sink_settings>};
  return kind;
}

}  // namespace causeway::connectors::http
