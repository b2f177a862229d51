// Listens for senders and offers what they send, frame by frame. One for each source of a channel.
//
// Threads: as a ListeningSource. Replies come from any thread into an inbox and are worked off by
// the loop, many at a time.
#pragma once

#include "connectors/support/inbox.h"
#include "connectors/support/listening_source.h"
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

class TcpSource final : public ListeningSource, private SourceConnection::Host {
 public:
  TcpSource(SourceSettings settings, const Name& name, const Environment& environment);
  ~TcpSource() override { stop(Milliseconds(0)); }

  std::string compose_reply(std::string_view message, const Verdict& verdict) const override;

 private:
  using Replies = Inbox<TcpSource, ReplyFor>;
  friend Replies;

  std::unique_ptr<AcceptedConnection> make_connection(std::uint64_t id, Socket socket,
                                                      std::string peer) override;
  void begin() override;
  void end() override;

  const SourceSettings& settings() const override { return settings_; }
  bool may_offer() override { return has_room(); }
  void offer(SourceConnection& from, std::uint64_t number, std::string content) override;
  bool hold(std::int64_t more_bytes) override;
  bool must_stage(std::string_view content) const override;
  void reply_sent(MessageId message, ReplyState state) override { note_reply(message, state); }
  void closed(SourceConnection& connection, std::string_view reason) override;

  void stage_and_accept(Sender sender, const ReplyPlace& place, Bytes content);
  void accept(Sender sender, Body body, Bytes at_hand, const ReplyPlace& place);
  void answer(ReplyFor reply);
  void take(std::vector<ReplyFor> replies);
  SourceConnection* find(std::uint64_t id) const;

  const SourceSettings settings_;

  // Of the loop's thread
  std::int64_t held_bytes_ = 0;
  std::shared_ptr<Replies> inbox_;  // nullptr: not started
};

}  // namespace causeway::connectors::tcp
