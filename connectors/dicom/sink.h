// Sends DICOM objects to one archive (C-STORE). One for each destination of a channel.
//
// The public methods are thread-safe; everything else is of the loop's thread. Deliveries come in
// from any thread and wait in order for a free association.
#pragma once

#include <condition_variable>
#include <deque>

#include "connectors/dicom/sink_connection.h"
#include "connectors/support/background.h"
#include "connectors/support/connector.h"
#include "connectors/support/inbox.h"

namespace causeway::connectors::dicom {

class DicomSink final : public Sink, private SinkConnection::Host {
 public:
  DicomSink(SinkSettings settings, const Name& name, const Environment& environment);
  ~DicomSink() override;

  Status start() override;
  void stop(Milliseconds grace) override;
  void deliver(StoredDelivery delivery, OnOutcome on_outcome) override;
  int concurrency() const override { return static_cast<int>(settings_.connections); }
  Probe probe() override;
  std::string address() const override;

 private:
  using Jobs = Inbox<DicomSink, Job>;
  friend Jobs;
  struct Instruments {
    Instruments(Metrics& metrics, const Name& name);
    Gauge& connections;
    Counter& opened;
    Counter& messages;
    Counter& message_bytes;
  };

  bool may_send() const override { return environment_.may_send(); }
  void read(SinkConnection& from, std::uint64_t offset) override;
  void finished(Job job, Attempt attempt) override;
  void opened() override;
  void closed(std::string_view reason) override;

  void begin();
  void take(std::vector<Job> jobs);
  void prepare(Job job);
  void line_up(Job job, std::string_view begin);
  void read_head(Job job);
  void head_read(std::uint64_t number, const Result<std::string>& bytes);
  std::size_t place_of(const SinkConnection& connection) const;
  void assign();
  SinkConnection* free_connection(const ObjectKind& kind);
  void begin_stop();
  void end_all();

  const SinkSettings settings_;
  const Name name_;
  const Environment environment_;
  Instruments instruments_;

  // Of the loop's thread
  std::vector<std::unique_ptr<SinkConnection>> connections_;
  std::deque<Job> waiting_;
  std::map<std::uint64_t, Job> reading_;  // the head of whose staged body is being read
  std::uint64_t next_reading_ = 1;
  bool assigning_ = false;
  bool stopping_ = false;
  std::unique_ptr<Background> reader_;

  std::mutex mutex_;  // guards the rest
  std::condition_variable all_done_;
  std::shared_ptr<Jobs> inbox_;  // nullptr: not started
  std::size_t busy_ = 0;         // tries that a stop waits for
};

}  // namespace causeway::connectors::dicom
