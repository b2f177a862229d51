// Listens for DICOM senders (C-ECHO, C-STORE) and offers the objects that they send. One for each
// source of a channel.
//
// The public methods are thread-safe; everything else is of the loop's thread. Replies come from
// any thread into an inbox; large objects are staged by a few threads of its own.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>

#include "connectors/dicom/source_connection.h"
#include "connectors/support/background.h"
#include "connectors/support/connector.h"
#include "connectors/support/inbox.h"
#include "connectors/support/listener.h"

namespace causeway::connectors::dicom {

struct ReplyFor {
  std::uint64_t connection = 0;
  Reply reply;
};

class DicomSource final : public Source, private SourceConnection::Host {
 public:
  DicomSource(SourceSettings settings, const Name& name, const Environment& environment);
  ~DicomSource() override;

  Status start(Intake& intake) override;
  void stop(Milliseconds grace) override;
  void pause(bool paused) override;
  bool take_over(Source& earlier) override;
  Probe probe() override;
  std::string address() const override;
  std::string compose_reply(std::string_view message, const Verdict& verdict) const override;

 private:
  using Replies = Inbox<DicomSource, ReplyFor>;
  friend Replies;
  static constexpr std::size_t stagers_max = 4;
  struct Instruments {
    Instruments(Metrics& metrics, const std::string& channel);
    Gauge& connections;
    Counter& accepted;
    Counter& refused;
    Counter& rejected;
    Counter& objects;
    Counter& object_bytes;
    Counter& replies_lost;
  };

  const SourceSettings& settings() const override { return settings_; }
  BodyStaging* staging() const override { return environment_.staging; }
  bool may_offer() override;
  void stage(SourceConnection& from, std::shared_ptr<StagedObject> object,
             std::string piece) override;
  void offer(SourceConnection& from, std::string file) override;
  void offer_staged(SourceConnection& from, std::shared_ptr<const ObjectReceiver> object) override;
  void reply_sent(MessageId message, ReplyState state) override;
  void rejected() override { instruments_.rejected.add(); }
  void closed(SourceConnection& connection, std::string_view reason) override;

  Status listen(Intake& intake);
  Result<Socket> listening_socket();
  void accept_on(Socket socket);
  bool take_socket(DicomSource& earlier);
  void connected(Socket socket, const SocketAddress& peer);
  Background& stager_of(std::uint64_t connection);
  void accept(std::uint64_t connection, Sender sender, Body body, Bytes at_hand);
  void not_staged(std::uint64_t connection, const Error& error);
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
  bool draining_ = false;
  bool at_limit_ = false;
  EventLoop::TimerId resume_timer_ = 0;
  EventLoop::TimerId sweep_timer_ = 0;
  std::shared_ptr<Replies> inbox_;
  std::array<std::unique_ptr<Background>, stagers_max> stagers_;

  std::atomic<bool> paused_{false};
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable all_closed_;
  std::uint16_t port_ = 0;  // as bound
  std::size_t open_connections_ = 0;
  bool listening_ = false;
};

}  // namespace causeway::connectors::dicom
