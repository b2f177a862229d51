// One connection to a receiver: opened on demand, kept, one message in flight.
//
// Loop's thread alone. What decides between Deferred and Ambiguous: a receiver that hasn't got the
// last byte can't have accepted the message, so until the kernel has taken it, any failure is
// Deferred; after, only a reply can tell.
#pragma once

#include "connectors/support/deadline.h"
#include "connectors/support/dial.h"
#include "connectors/support/stream.h"
#include "connectors/tcp/fields.h"
#include "connectors/tcp/frame.h"
#include "engine/core/sink.h"

namespace causeway::connectors::tcp {

/// One delivery on its way through the sink.
struct Job {
  StoredDelivery delivery;
  Bytes bytes;  ///< Of the body, once read.
  Sink::OnOutcome on_outcome;
};

class SinkConnection final : private Stream::Owner {
 public:
  class Host {
   public:
    virtual ~Host() = default;
    virtual bool may_send() const = 0;  ///< As Environment::may_send.
    virtual void finished(Job job, Attempt attempt) = 0;
    virtual void opened() = 0;
    virtual void closed(std::string_view reason) = 0;  ///< A word for metrics.
  };

  SinkConnection(EventLoop& loop, const SinkSettings& settings, Host& host);
  ~SinkConnection() override;

  bool is_busy() const { return job_.has_value(); }
  bool is_connected() const { return is_open_; }
  /// Only while not busy. Ends with one `finished`, which may come at once.
  void send(Job job);
  /// Ends a try that has sent nothing, as Deferred(Stopped); closes if not busy.
  void give_up_unsent();
  void give_up();  ///< Ends any try, and closes.

 private:
  void on_open() override;
  void on_bytes(std::string_view bytes) override;
  void on_progress() override;
  void on_peer_end() override;
  void on_failure(const Stream::Failure& failure) override;

  void connect();
  void transmit();
  void read_reply(std::string_view bytes);
  void judge(const std::string& reply, std::string_view rest);
  void await_silence();
  bool has_sent_nothing() const;
  /// Of a try that got no reply.
  void lost(ErrorKind kind, std::string text);
  void not_connected(Error error);
  void breach(std::string text, std::string response);
  void finish(Attempt attempt);
  void disconnect(std::string_view reason);
  void on_deadline();
  std::string place() const;

  EventLoop& loop_;
  const SinkSettings& settings_;
  Host& host_;
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Stream> old_stream_;  // closed, perhaps under our feet: destroyed with the next
  bool is_open_ = false;                // TLS stands, too
  bool heard_ = false;                  // any byte on this connection
  bool reused_ = false;                 // for a further message
  FrameReader reader_;
  std::optional<Job> job_;
  std::uint64_t begin_ = 0;  // of the job's frame, in bytes of the stream
  std::uint64_t end_ = 0;
  std::uint64_t handed_at_check_ = 0;
  Deadline deadline_;
  EventLoop::TimerId silence_ = 0;
};

}  // namespace causeway::connectors::tcp
