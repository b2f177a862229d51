#include "connectors/tcp/sink.h"

#include "connectors/support/connection_probe.h"

namespace causeway::connectors::tcp {

TcpSink::TcpSink(SinkSettings settings, const Name& name, const Environment& environment)
    : PooledSink(settings.connections, name, environment), settings_(std::move(settings)) {}

std::unique_ptr<SinkConnection> TcpSink::make_connection() {
  Host& host = *this;
  return std::make_unique<SinkConnection>(environment().loop, settings_, host);
}

void TcpSink::prepare(Job job) {
  const auto& body = job.delivery.body;
  if (body.size() > settings_.frame_bytes_max)
    return job.on_outcome(
        not_sent(Outcome::Rejected,
                 {ErrorKind::Limit, "", "longer than the destination's frame_bytes_max"}));
  if (body.is_staged()) return read_body(std::move(job));
  job.bytes = body.bytes() ? body.bytes() : make_bytes("");
  if (!frame_head(settings_.framing, *job.bytes))
    return job.on_outcome(
        not_sent(Outcome::Rejected,
                 {ErrorKind::Invalid, "",
                  "it can't be framed: it is empty, has the frame's end in it, or is too long"}));
  line_up(std::move(job));
}

void TcpSink::send(SinkConnection& connection, Job job) {
  note_begun(job);
  connection.send(std::move(job));
}

Probe TcpSink::probe() {
  return probe_connection(environment().loop,
                          {settings_.host, settings_.port, settings_.connect_timeout},
                          settings_.tls);
}

std::string TcpSink::address() const {
  return (settings_.tls ? "tcps://" : "tcp://") + host_and_port(settings_.host, settings_.port);
}

}  // namespace causeway::connectors::tcp
