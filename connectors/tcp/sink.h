// Sends messages in frames to one receiver. One for each destination of a channel.
//
// Threads: as a PooledSink.
#pragma once

#include "connectors/support/pooled_sink.h"
#include "connectors/tcp/sink_connection.h"

namespace causeway::connectors::tcp {

class TcpSink final : public PooledSink<TcpSink, Job, SinkConnection>,
                      private SinkConnection::Host {
 public:
  TcpSink(SinkSettings settings, const Name& name, const Environment& environment);
  ~TcpSink() override { stop(Milliseconds(0)); }

  Probe probe() override;
  std::string address() const override;

 private:
  friend PooledSink;

  std::unique_ptr<SinkConnection> make_connection();
  void prepare(Job job);
  void send(SinkConnection& connection, Job job);

  bool may_send() const override { return environment().may_send(); }
  void finished(Job job, Attempt attempt) override { finish(std::move(job), std::move(attempt)); }
  void opened() override { instruments().note_opened(); }
  void closed(std::string_view reason) override { instruments().note_closed(reason); }

  const SinkSettings settings_;
};

}  // namespace causeway::connectors::tcp
