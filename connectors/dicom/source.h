// Listens for DICOM peers and offers the objects that they send, and what they ask for. One for
// each source of a channel.
//
// Threads: as a ListeningSource. Replies come from any thread into an inbox; large objects are
// staged by a few threads of its own.
#pragma once

#include "connectors/dicom/source_connection.h"
#include "connectors/support/inbox.h"
#include "connectors/support/listening_source.h"

namespace causeway::connectors::dicom {

struct ReplyFor {
  std::uint64_t connection = 0;
  Reply reply;
};

class DicomSource final : public ListeningSource, private SourceConnection::Host {
 public:
  DicomSource(SourceSettings settings, const Name& name, const Environment& environment);
  ~DicomSource() override { stop(Milliseconds(0)); }

  std::string compose_reply(std::string_view message, const Verdict& verdict) const override;

 private:
  using Replies = Inbox<DicomSource, ReplyFor>;
  friend Replies;

  bool lets_in(const SocketAddress& peer) const override { return settings_.rules.lets_in(peer); }
  std::unique_ptr<AcceptedConnection> make_connection(std::uint64_t id, Socket socket,
                                                      std::string peer) override;
  void begin() override;
  void end() override;

  const SourceSettings& settings() const override { return settings_; }
  BodyStaging* staging() const override { return environment().staging; }
  bool may_offer() override { return has_room(); }
  void stage(SourceConnection& from, std::shared_ptr<StagedObject> object,
             std::string piece) override;
  void offer(SourceConnection& from, Bytes file, SharedAttributes attributes) override;
  void offer_staged(SourceConnection& from, std::shared_ptr<const ObjectReceiver> object) override;
  void reply_sent(MessageId message, ReplyState state) override { note_reply(message, state); }
  void rejected() override { rejected_.add(); }
  void make_answer(SourceConnection& from, Asked asked, const Reply& reply,
                   std::size_t pdu_bytes_max) override;
  void report_ended(std::string_view how) override;
  void closed(SourceConnection& connection, std::string_view reason) override;

  void accept(std::uint64_t connection, Draft draft);
  void take(std::vector<ReplyFor> replies);
  SourceConnection* find(std::uint64_t id) const;

  const SourceSettings settings_;
  Counter& rejected_;
  std::shared_ptr<Replies> inbox_;  // of the loop's thread; nullptr: not started
};

}  // namespace causeway::connectors::dicom
