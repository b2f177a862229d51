// One sender's connection: frames in, replies out in the order of the messages.
//
// Loop's thread alone. Reading stops while the engine wants no more, while a large body is being
// staged, and while `unanswered_max` messages wait for their replies; the sender feels it as TCP
// back-pressure.
#pragma once

#include <deque>

#include "connectors/support/accepted_connections.h"
#include "connectors/support/stream.h"
#include "connectors/tcp/fields.h"
#include "connectors/tcp/frame.h"
#include "engine/core/intake.h"

namespace causeway::connectors::tcp {

class SourceConnection final : public AcceptedConnection, private Stream::Owner {
 public:
  /// What it asks of the source that it belongs to.
  class Host {
   public:
    virtual ~Host() = default;
    virtual const SourceSettings& settings() const = 0;
    /// False: offer nothing now; `resume` is called when that may have changed.
    virtual bool may_offer() = 0;
    /// Leads to one `answer` with this number, later.
    virtual void offer(SourceConnection& from, std::uint64_t number, std::string content) = 0;
    /// False: too much is held by all connections together.
    virtual bool hold(std::int64_t more_bytes) = 0;
    /// Whether reading has to wait until this content is staged.
    virtual bool must_stage(std::string_view content) const = 0;
    virtual void reply_sent(MessageId message, ReplyState state) = 0;
    /// Its last call; destroys it later. `reason` is a word for metrics.
    virtual void closed(SourceConnection& connection, std::string_view reason) = 0;
  };

  SourceConnection(std::uint64_t id, EventLoop& loop, Socket socket, std::string peer, Host& host);
  ~SourceConnection() override;

  const Sender& sender() const { return sender_; }

  void open() override { stream_.open(); }
  /// Notes a reply; it leaves with `send_replies`, which may close the connection.
  void answer(std::uint64_t number, Reply reply);
  void send_replies();
  void staged();  ///< The body that reading waits for is staged.
  void resume() override;
  void drain() override;
  void close(std::string_view reason) override;
  void close_if_overdue(SteadyTime now) override;

 private:
  using Expected = std::optional<Reply>;
  struct Leaving {
    std::uint64_t end = 0;  // of its frame, in bytes of the stream
    MessageId message;
  };

  void on_open() override;
  void on_bytes(std::string_view bytes) override;
  void on_progress() override;
  void on_peer_end() override;
  void on_failure(const Stream::Failure& failure) override;

  bool may_offer();
  bool offer_frames(std::string_view& bytes);
  void offer(std::string content);
  bool send_one(const Expected& expected);
  void settle_sent();
  void close_if_done();
  void update_reading();
  void tell(const Reply& reply, ReplyState state);
  void await_silence();
  void silence();
  bool hold_partial();

  EventLoop& loop_;
  Host& host_;
  Stream stream_;
  Sender sender_;
  FrameReader reader_;
  std::string unparsed_;  // read, but not offered yet
  std::deque<Expected> expected_;
  std::uint64_t first_number_ = 0;  // of expected_
  std::deque<Leaving> leaving_;
  std::int64_t held_ = 0;  // told to the host
  std::size_t staged_bytes_ = 0;
  bool is_open_ = false;
  bool staging_ = false;
  bool draining_ = false;
  bool peer_ended_ = false;
  bool last_reply_out_ = false;  // close as soon as what is queued has left
  bool closed_ = false;
  SteadyTime last_active_;
  SteadyTime frame_begun_;
  EventLoop::TimerId silence_ = 0;
};

}  // namespace causeway::connectors::tcp
