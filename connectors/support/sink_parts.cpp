#include "connectors/support/sink_parts.h"

#include "engine/core/check.h"

namespace causeway::connectors {
namespace {

std::string labels_of(const Name& name) {
  return "channel=\"" + name.channel + "\",destination=\"" + name.end + "\"";
}

}  // namespace

SinkInstruments::SinkInstruments(Metrics& metrics, const Name& name)
    : metrics_(metrics),
      labels_(labels_of(name)),
      connections_(metrics.gauge("causeway_sink_connections", labels_)),
      opened_(metrics.counter("causeway_sink_connections_total", labels_)),
      messages_(metrics.counter("causeway_sink_messages_total", labels_)),
      message_bytes_(metrics.counter("causeway_sink_message_bytes_total", labels_)) {}

void SinkInstruments::note_closed(std::string_view reason) {
  connections_.add(-1);
  counter("causeway_sink_connections_closed_total", "reason=\"" + std::string(reason) + "\"").add();
}

Counter& SinkInstruments::counter(const std::string& metric, const std::string& label) const {
  return metrics_.counter(metric, labels_ + "," + label);
}

Attempt not_sent(Outcome outcome, Error error) {
  Attempt attempt;
  attempt.outcome = outcome;
  attempt.reason = std::move(error);
  return attempt;
}

Attempt stopped_before_sending() {
  return not_sent(Outcome::Deferred, {ErrorKind::Stopped, "", "stopped"});
}

void check_not_on(const EventLoop& loop) {
  CHECK(!loop.on_loop_thread());
}

}  // namespace causeway::connectors
