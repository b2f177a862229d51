// One association with a sender: asked for, used for one operation after the other, released.
//
// Loop's thread alone; owned by the source, which is told when it has ended. While an operation
// waits for its answer nothing more is taken in, apart from what shows that the sender is gone.
// Standard: DICOM PS3.8 section 9.2 (the acceptor's part of the state machine), PS3.7 section 9.3.
#pragma once

#include "connectors/dicom/answer.h"
#include "connectors/dicom/fields.h"
#include "connectors/dicom/object_receiver.h"
#include "connectors/support/accepted_connections.h"
#include "connectors/support/stream.h"
#include "engine/core/source.h"

namespace causeway::connectors::dicom {

class SourceConnection final : public AcceptedConnection, private Stream::Owner {
 public:
  class Host {
   public:
    virtual ~Host() = default;
    virtual const SourceSettings& settings() const = 0;
    virtual BodyStaging* staging() const = 0;
    /// False: begin nothing new; `resume` is called when that may have changed.
    virtual bool may_offer() = 0;
    /// Leads to one `staged` later.
    virtual void stage(SourceConnection& from, std::shared_ptr<StagedObject> object,
                       std::string piece) = 0;
    /// Both lead to one `answer` later.
    virtual void offer(SourceConnection& from, Bytes file, SharedAttributes attributes) = 0;
    virtual void offer_staged(SourceConnection& from,
                              std::shared_ptr<const ObjectReceiver> object) = 0;
    virtual void reply_sent(MessageId message, ReplyState state) = 0;
    virtual void rejected() = 0;  ///< An association.
    /// Leads to one `send_answer` later.
    virtual void make_answer(SourceConnection& from, Asked asked, const Reply& reply,
                             std::size_t pdu_bytes_max) = 0;
    /// How a report of a commitment ended, in a word for metrics.
    virtual void report_ended(std::string_view how) = 0;
    /// Its last call; destroys it later. `reason` is a word for metrics.
    virtual void closed(SourceConnection& connection, std::string_view reason) = 0;
  };

  SourceConnection(std::uint64_t id, EventLoop& loop, Socket socket, std::string peer, Host& host);
  ~SourceConnection() override;

  const Sender& sender() const { return sender_; }

  void open() override { stream_.open(); }
  void answer(const Reply& reply);
  void send_answer(AnswerPdus answer, MessageId message);
  void staged(std::size_t bytes);  ///< So many have gone to the staging.
  void resume() override;
  void drain() override;
  void close(std::string_view reason) override;
  void close_if_overdue(SteadyTime now) override;

 private:
  void on_open() override;
  void on_bytes(std::string_view bytes) override;
  void on_progress() override;
  void on_peer_end() override;
  void on_failure(const Stream::Failure& failure) override;

  bool may_take() const;
  bool in_operation() const { return object_ || !command_.empty(); }
  void take_all(std::string_view& bytes);
  void take(const Pdu& pdu);
  void associate(std::string_view body);
  void take_data(std::string_view body);
  void take_command(const DataValue& value);
  void take_fragment(const DataValue& value);
  void perform(std::uint8_t context, const Command& command);
  void take_report_answer(const Command& command);
  std::optional<std::uint16_t> refusal_of(std::uint8_t context, const Command& command) const;
  void begin_object(std::uint8_t context, const Command& command);
  void end_object();
  const PresentationContext* find_context(std::uint8_t id) const;
  void respond(std::uint8_t context, const Command& response);
  void send(std::string bytes);
  void abort(AbortReason reason, std::string_view word);
  void settle_sent();
  void close_if_done();
  void update_reading();

  Host& host_;
  Stream stream_;
  Sender sender_;
  PduReader reader_;
  std::string unparsed_;                    // read, but not taken yet
  std::optional<Association> association_;  // as accepted
  std::uint32_t peer_pdu_bytes_max_ = 0;
  std::string command_;  // of which fragments have come
  std::uint8_t command_context_ = 0;
  std::shared_ptr<ObjectReceiver> object_;  // coming, or waiting for its answer
  bool awaits_answer_ = false;
  std::size_t reports_open_ = 0;   // that the peer hasn't answered yet
  std::size_t staging_bytes_ = 0;  // on the way to the staging
  MessageId leaving_;              // whose answer is on its way out
  std::uint64_t leaving_end_ = 0;  // of it, in bytes of the stream
  std::string last_reason_;        // set: close as soon as what is queued has left
  bool is_open_ = false;
  bool draining_ = false;
  bool peer_ended_ = false;
  bool closed_ = false;
  bool taking_ = false;
  SteadyTime last_active_;
  SteadyTime begun_;  // the connection, then the operation
};

}  // namespace causeway::connectors::dicom
