// Listens for MLLP senders and offers what they send. One for each source of a channel.
//
// Threads: as a ListeningSource. Replies come from any thread into an inbox and are worked off by
// the loop, many at a time.
#pragma once

#include "connectors/mllp/batch_frame.h"
#include "connectors/mllp/source_connection.h"
#include "connectors/mllp/verdict_reply.h"
#include "connectors/support/inbox.h"
#include "connectors/support/listening_source.h"

namespace causeway::connectors::mllp {

/// Whose reply it is: a message of a connection, or one in a batch that was a frame of it.
struct ReplyPlace {
  std::uint64_t connection = 0;
  std::uint64_t number = 0;
  std::shared_ptr<BatchFrame> batch = nullptr;
  std::size_t member = 0;
};

struct ReplyFor {
  ReplyPlace place;
  Reply reply;
};

class MllpSource final : public ListeningSource, private SourceConnection::Host {
 public:
  MllpSource(SourceSettings settings, const Name& name, const Environment& environment);
  ~MllpSource() override { stop(Milliseconds(0)); }

  std::string compose_reply(std::string_view message, const Verdict& verdict) const override;

 private:
  using Replies = Inbox<MllpSource, ReplyFor>;
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
  bool takes_apart(std::string_view content) const override;
  void reply_sent(MessageId message, ReplyState state) override { note_reply(message, state); }
  void count_garbage(std::uint64_t bytes) override { garbage_bytes_.add(bytes); }
  void closed(SourceConnection& connection, std::string_view reason) override;

  void offer_one(const Sender& sender, const ReplyPlace& place, std::string content);
  void stage_and_accept(Sender sender, const ReplyPlace& place, Bytes content);
  void accept(Sender sender, Body body, Bytes at_hand, const ReplyPlace& place);
  void answer(ReplyFor reply);
  void take(std::vector<ReplyFor> replies);
  SourceConnection* find(std::uint64_t id) const;

  const SourceSettings settings_;
  const VerdictReply verdict_reply_;
  Counter& garbage_bytes_;

  // Of the loop's thread
  std::int64_t held_bytes_ = 0;
  std::shared_ptr<Replies> inbox_;  // nullptr: not started
};

}  // namespace causeway::connectors::mllp
