// Sends messages to one MLLP receiver. One for each destination of a channel.
//
// Threads: as a PooledSink.
#pragma once

#include "connectors/mllp/sink_connection.h"
#include "connectors/support/pooled_sink.h"

namespace causeway::connectors::mllp {

class MllpSink final : public PooledSink<MllpSink, Job, SinkConnection>,
                       private SinkConnection::Host {
 public:
  MllpSink(SinkSettings settings, const Name& name, const Environment& environment);
  ~MllpSink() override { stop(Milliseconds(0)); }

  Probe probe() override;
  std::string address() const override;

 private:
  friend PooledSink;

  std::unique_ptr<SinkConnection> make_connection();
  void prepare(Job job);
  void send(SinkConnection& connection, Job job);

  bool may_send() const override { return environment().may_send(); }
  void finished(Job job, Attempt attempt) override { finish(std::move(job), std::move(attempt)); }
  void late_acknowledgement(hl7v2::AckCode code) override;
  void opened() override { instruments().note_opened(); }
  void closed(std::string_view reason) override { instruments().note_closed(reason); }

  const SinkSettings settings_;
};

}  // namespace causeway::connectors::mllp
