#include "connectors/mllp/sink.h"

#include "connectors/support/connection_probe.h"

namespace causeway::connectors::mllp {

MllpSink::MllpSink(SinkSettings settings, const Name& name, const Environment& environment)
    : PooledSink(settings.connections, name, environment), settings_(std::move(settings)) {}

std::unique_ptr<SinkConnection> MllpSink::make_connection() {
  Host& host = *this;
  return std::make_unique<SinkConnection>(environment().loop, settings_, host);
}

void MllpSink::prepare(Job job) {
  const auto& body = job.delivery.body;
  if (body.size() > settings_.frame_bytes_max)
    return job.on_outcome(
        not_sent(Outcome::Rejected,
                 {ErrorKind::Limit, "", "longer than the destination's frame_bytes_max"}));
  if (body.is_staged()) return read_body(std::move(job));
  job.bytes = body.bytes() ? body.bytes() : make_bytes("");
  if (!can_be_framed(*job.bytes))
    return job.on_outcome(not_sent(
        Outcome::Rejected,
        {ErrorKind::Invalid, "", "holds the end of an MLLP frame (FS CR): it can't be sent"}));
  line_up(std::move(job));
}

void MllpSink::send(SinkConnection& connection, Job job) {
  note_begun(job);
  connection.send(std::move(job));
}

void MllpSink::late_acknowledgement(hl7v2::AckCode code) {
  instruments()
      .counter("causeway_sink_late_acknowledgements_total",
               "code=\"" + std::string(hl7v2::to_string(code)) + "\"")
      .add();
}

Probe MllpSink::probe() {
  return probe_connection(environment().loop,
                          {settings_.host, settings_.port, settings_.connect_timeout},
                          settings_.tls);
}

std::string MllpSink::address() const {
  return (settings_.tls ? "mllps://" : "mllp://") + host_and_port(settings_.host, settings_.port);
}

}  // namespace causeway::connectors::mllp
