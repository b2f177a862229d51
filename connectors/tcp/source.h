// Listens for senders and offers what they send, frame by frame. One for each source of a channel.
//
// The public methods are thread-safe; everything else is of the loop's thread. Replies come from
// any thread into an inbox and are worked off by the loop, many at a time.
#pragma once

#include <condition_variable>

#include "connectors/support/background.h"
#include "connectors/support/connector.h"
#include "connectors/support/inbox.h"
#include "connectors/support/listener.h"
#include "connectors/tcp/source_connection.h"

namespace causeway::connectors::tcp {

/// Whose reply it is: a message of a connection.
struct ReplyPlace {
  std::uint64_t connection = 0;
  std::uint64_t number = 0;
};

struct ReplyFor {
  ReplyPlace place;
  Reply reply;
};

class TcpSource final : public Source, private SourceConnection::Host {
 public:
  TcpSource(SourceSettings settings, const Name& name, const Environment& environment);
  ~TcpSource() override;

  Status start(Intake& intake) override;
  void stop(Milliseconds grace) override;
  void pause(bool paused) override;
  bool take_over(Source& earlier) override;
  Probe probe() override;
  std::string address() const override;
  std::string compose_reply(std::string_view message, const Verdict& verdict) const override;

 private:
  using Replies = Inbox<TcpSource, ReplyFor>;
  friend Replies;
  struct Instruments {
    Instruments(Metrics& metrics, const std::string& channel);
    Gauge& connections;
    Counter& accepted;
    Counter& refused;
    Counter& frames;
    Counter& frame_bytes;
    Counter& replies_lost;
  };

  const SourceSettings& settings() const override { return settings_; }
  bool may_offer() override;
  void offer(SourceConnection& from, std::uint64_t number, std::string content) override;
  bool hold(std::int64_t more_bytes) override;
  bool must_stage(std::string_view content) const override;
  void reply_sent(MessageId message, ReplyState state) override;
  void closed(SourceConnection& connection, std::string_view reason) override;

  Status listen(Intake& intake);
  Result<Socket> listening_socket();
  void accept_on(Socket socket);
  bool take_socket(TcpSource& earlier);
  void connected(Socket socket, const SocketAddress& peer);
  bool is_staged(std::size_t bytes) const;
  void stage_and_accept(Sender sender, const ReplyPlace& place, Bytes content);
  void not_staged(const Error& error, std::string_view content, const ReplyPlace& place);
  void accept(Sender sender, Body body, Bytes at_hand, const ReplyPlace& place);
  void answer(ReplyFor reply);
  void take(std::vector<ReplyFor> replies);
  void resume_all();
  void sweep();
  void begin_drain();
  void end_all();
  SourceConnection* find(std::uint64_t id);

  const SourceSettings settings_;
  const Name name_;
  const Environment environment_;
  Instruments instruments_;

  // Of the loop's thread
  Intake* intake_ = nullptr;  // nullptr: not started
  std::unique_ptr<Listener> listener_;
  Socket taken_over_;  // until the start
  std::unordered_map<std::uint64_t, std::unique_ptr<SourceConnection>> connections_;
  std::vector<std::unique_ptr<SourceConnection>> ended_;  // destroyed once nothing runs in them
  std::uint64_t next_connection_ = 1;
  std::int64_t held_bytes_ = 0;
  bool draining_ = false;
  bool at_limit_ = false;
  EventLoop::TimerId resume_timer_ = 0;
  EventLoop::TimerId sweep_timer_ = 0;
  std::shared_ptr<Replies> inbox_;
  std::unique_ptr<Background> stager_;

  std::atomic<bool> paused_{false};
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable all_closed_;
  std::uint16_t port_ = 0;  // as bound
  std::size_t open_connections_ = 0;
  bool listening_ = false;
};

}  // namespace causeway::connectors::tcp
