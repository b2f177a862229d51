// Sends messages in frames to one receiver. One for each destination of a channel.
//
// The public methods are thread-safe; everything else is of the loop's thread. Deliveries come in
// from any thread and wait in order for a free connection.
#pragma once

#include <condition_variable>
#include <deque>

#include "connectors/support/background.h"
#include "connectors/support/connector.h"
#include "connectors/support/inbox.h"
#include "connectors/tcp/sink_connection.h"

namespace causeway::connectors::tcp {

class TcpSink final : public Sink, private SinkConnection::Host {
 public:
  TcpSink(SinkSettings settings, const Name& name, const Environment& environment);
  ~TcpSink() override;

  Status start() override;
  void stop(Milliseconds grace) override;
  void deliver(StoredDelivery delivery, OnOutcome on_outcome) override;
  int concurrency() const override { return static_cast<int>(settings_.connections); }
  Probe probe() override;
  std::string address() const override;

 private:
  using Jobs = Inbox<TcpSink, Job>;
  friend Jobs;
  struct Instruments {
    Instruments(Metrics& metrics, const Name& name);
    Gauge& connections;
    Counter& opened;
    Counter& messages;
    Counter& message_bytes;
  };

  bool may_send() const override { return environment_.may_send(); }
  void finished(Job job, Attempt attempt) override;
  void opened() override;
  void closed(std::string_view reason) override;

  void begin();
  void take(std::vector<Job> jobs);
  void prepare(Job job);
  void read_body(Job job);
  void body_read(std::uint64_t number, Result<std::string> bytes);
  void assign();
  SinkConnection* free_connection();
  void begin_stop();
  void end_all();

  const SinkSettings settings_;
  const Name name_;
  const Environment environment_;
  Instruments instruments_;

  // Of the loop's thread
  std::vector<std::unique_ptr<SinkConnection>> connections_;
  std::deque<Job> waiting_;
  std::map<std::uint64_t, Job> reading_;  // whose staged body is being read
  std::uint64_t next_reading_ = 1;
  bool assigning_ = false;
  bool stopping_ = false;
  std::unique_ptr<Background> reader_;

  std::mutex mutex_;  // guards the rest
  std::condition_variable all_done_;
  std::shared_ptr<Jobs> inbox_;  // nullptr: not started
  std::size_t busy_ = 0;         // tries that a stop waits for
};

}  // namespace causeway::connectors::tcp
