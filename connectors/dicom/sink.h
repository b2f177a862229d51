// Sends DICOM objects to one archive (C-STORE), or asks it something. One for each destination of a
// channel.
//
// Threads: as a PooledSink.
#pragma once

#include "connectors/dicom/sink_connection.h"
#include "connectors/support/pooled_sink.h"

namespace causeway::connectors::dicom {

class DicomSink final : public PooledSink<DicomSink, Job, SinkConnection>,
                        private SinkConnection::Host {
 public:
  DicomSink(SinkSettings settings, const Name& name, const Environment& environment);
  ~DicomSink() override { stop(Milliseconds(0)); }

  Probe probe() override;
  std::string address() const override;

 private:
  friend PooledSink;

  std::unique_ptr<SinkConnection> make_connection();
  void prepare(Job job);
  void look_at(Job job, std::string_view begin);
  SinkConnection* free_connection(const Job& job);
  void send(SinkConnection& connection, Job job);
  std::size_t place_of(const SinkConnection& connection) const;

  bool may_send() const override { return environment().may_send(); }
  void read(SinkConnection& from, std::uint64_t offset) override;
  void finished(Job job, Attempt attempt) override { finish(std::move(job), std::move(attempt)); }
  void opened() override { instruments().note_opened(); }
  void closed(std::string_view reason) override { instruments().note_closed(reason); }

  const SinkSettings settings_;
};

}  // namespace causeway::connectors::dicom
