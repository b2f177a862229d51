// One connection to an archive, with an association on it: opened on demand for what is to be sent,
// kept, one request in flight, released when unused.
//
// Loop's thread alone. What decides between Deferred and Ambiguous: an archive that hasn't got the
// last fragment can't have stored the object, so until the kernel has taken all of it, any failure
// is Deferred; after, only an answer can tell.
// Standard: DICOM PS3.8 section 9.2 (the requestor's part), PS3.7 section 9.1.1.
#pragma once

#include <deque>

#include "connectors/dicom/matches.h"
#include "connectors/dicom/response_reader.h"
#include "connectors/dicom/sink_request.h"
#include "connectors/support/deadline.h"
#include "connectors/support/dial.h"
#include "connectors/support/stream.h"

namespace causeway::connectors::dicom {

class SinkConnection final : private Stream::Owner {
 public:
  class Host {
   public:
    virtual ~Host() = default;
    virtual bool may_send() const = 0;  ///< As Environment::may_send.
    /// Reads on in the body of the job; leads to one `more` later.
    virtual void read(SinkConnection& from, std::uint64_t offset) = 0;
    virtual void finished(Job job, Attempt attempt) = 0;
    virtual void opened() = 0;
    virtual void closed(std::string_view reason) = 0;  ///< A word for metrics.
  };

  SinkConnection(EventLoop& loop, const SinkSettings& settings, Host& host);
  ~SinkConnection() override;

  bool is_busy() const { return job_.has_value(); }
  bool is_connected() const { return phase_ == Phase::Open; }
  bool takes(const ObjectKind& kind) const { return is_connected() && context_for(kind) != 0; }
  const Body& body() const { return job_->delivery.body; }

  /// Only while not busy. Ends with one `finished`, which may come at once.
  void send(Job job);
  /// `sending`: as it was when they were asked for.
  void more(std::uint64_t sending, Result<std::string> bytes);
  std::uint64_t sending() const { return sending_; }
  /// Ends a try that has sent nothing, as Deferred(Stopped); closes if not busy.
  void give_up_unsent();
  void give_up();  ///< Ends any try, and closes.

 private:
  enum class Phase : std::uint8_t { Closed, Connecting, Associating, Open, Releasing };

  void on_open() override;
  void on_bytes(std::string_view bytes) override;
  void on_progress() override;
  void on_peer_end() override;
  void on_failure(const Stream::Failure& failure) override;

  void connect();
  void take(const Pdu& pdu);
  void associated(std::string_view body);
  void transmit();
  void queue_data(Bytes owner, std::string_view bytes, bool is_last);
  void flush();
  void read_reply(std::string_view body);
  void take_match();
  void judge(const Command& response);
  std::string response_text(const Command& response) const;
  std::uint8_t context_for(const ObjectKind& kind) const;  ///< 0: there is none.
  bool has_sent_nothing() const;
  bool has_sent_all() const;
  void lost(ErrorKind kind, std::string text);
  void not_connected(Error error);
  void breach(std::string text);
  void finish(Attempt attempt);
  void release();
  void disconnect(std::string_view reason);
  void on_deadline();
  std::string place() const;

  EventLoop& loop_;
  const SinkSettings& settings_;
  Host& host_;
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Stream> old_stream_;  // closed, perhaps under our feet: destroyed with the next
  Phase phase_ = Phase::Closed;
  bool heard_ = false;   // any byte on this connection
  bool reused_ = false;  // for a further object
  PduReader reader_;
  bool more_came_ = false;        // behind the PDU at hand
  std::deque<ObjectKind> kinds_;  // proposed, the newest first
  std::vector<PresentationContext> contexts_;
  std::uint32_t peer_pdu_bytes_max_ = 0;
  ResponseReader responses_;
  Matches matches_;
  std::optional<Job> job_;
  std::uint64_t sending_ = 0;  // a number for each time that a job is sent
  std::uint16_t message_id_ = 0;
  std::uint64_t begin_ = 0;   // of the job's command, in bytes of the stream
  std::uint64_t offset_ = 0;  // in its body, of what is to be queued next
  bool all_queued_ = false;
  bool reading_ = false;  // a part of the body
  std::uint64_t handed_at_check_ = 0;
  Deadline deadline_;
};

}  // namespace causeway::connectors::dicom
