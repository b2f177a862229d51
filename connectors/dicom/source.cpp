#include "connectors/dicom/source.h"

namespace causeway::connectors::dicom {
namespace {

constexpr std::size_t stagers = 4;  // objects are large, and come on many associations at once

ListeningSource::Shape shape_of(const SourceSettings& settings) {
  ListeningSource::Shape shape;
  shape.scheme = "dicom";
  shape.endpoint = settings;
  shape.connections_max = settings.connections_max;
  shape.sweep_interval = sweep_interval_for(
      {settings.associate_timeout, settings.idle_timeout, settings.object_timeout});
  shape.connections_word = "associations";
  shape.stagers = stagers;
  return shape;
}

}  // namespace

DicomSource::DicomSource(SourceSettings settings, const Name& name, const Environment& environment)
    : ListeningSource(shape_of(settings), name, environment),
      settings_(std::move(settings)),
      rejected_(counter("causeway_source_associations_rejected_total")) {}

std::string DicomSource::compose_reply(std::string_view message, const Verdict& verdict) const {
  return compose_answer(message, verdict);
}

void DicomSource::begin() {
  inbox_ = std::make_shared<Replies>(environment().loop, *this);
}

void DicomSource::end() {
  inbox_->close();
  inbox_.reset();
}

std::unique_ptr<AcceptedConnection> DicomSource::make_connection(std::uint64_t id, Socket socket,
                                                                 std::string peer) {
  SourceConnection::Host& host = *this;
  return std::make_unique<SourceConnection>(id, environment().loop, std::move(socket),
                                            std::move(peer), host);
}

void DicomSource::closed(SourceConnection& connection, std::string_view reason) {
  note_closed(connection, reason);
}

void DicomSource::stage(SourceConnection& from, std::shared_ptr<StagedObject> object,
                        std::string piece) {
  stager_of(from.id()).run(
      [inbox = inbox_, id = from.id(), object = std::move(object), piece = std::move(piece)] {
        object->append(piece);
        inbox->post([id, bytes = piece.size()](DicomSource& self) {
          if (auto* connection = self.find(id)) connection->staged(bytes);
        });
      });
}

void DicomSource::offer(SourceConnection& from, Bytes file, SharedAttributes attributes) {
  Draft draft;
  draft.sender = from.sender();
  draft.body = Body(std::move(file));
  draft.attributes = std::move(attributes);
  accept(from.id(), std::move(draft));
}

void DicomSource::offer_staged(SourceConnection& from,
                               std::shared_ptr<const ObjectReceiver> object) {
  stager_of(from.id()).run(
      [inbox = inbox_, id = from.id(), sender = from.sender(), object = std::move(object)] {
        auto finished = object->staged()->finish();
        const auto head = finished ? object->head_with(finished->digest) : Bytes();
        inbox->post([id, sender, head, finished = std::move(finished)](DicomSource& self) {
          if (!finished) return void(self.inbox_->put({id, self.not_stored(finished.error(), {})}));
          Draft draft;
          draft.sender = sender;
          draft.body = finished->body;
          draft.at_hand = head;
          self.accept(id, std::move(draft));
        });
      });
}

void DicomSource::accept(std::uint64_t connection, Draft draft) {
  note_message(draft.body.size());
  draft.content_type = ContentType::Dicom;
  intake().accept(std::move(draft), {}, [inbox = inbox_, connection](Reply reply) {
    inbox->put({connection, std::move(reply)});
  });
}

/// Many matches are written beside the loop.
void DicomSource::make_answer(SourceConnection& from, Asked asked, const Reply& reply,
                              std::size_t pdu_bytes_max) {
  stager_of(from.id()).run(
      [inbox = inbox_, id = from.id(), asked = std::move(asked), reply, pdu_bytes_max] {
        auto pdus = answer_pdus(asked, reply.bytes ? *reply.bytes : std::string(), pdu_bytes_max);
        inbox->post([id, message = reply.message, pdus = std::move(pdus)](DicomSource& self) {
          if (auto* connection = self.find(id))
            connection->send_answer(pdus, message);
          else if (message)
            self.reply_sent(message, ReplyState::Lost);
        });
      });
}

void DicomSource::report_ended(std::string_view how) {
  environment()
      .metrics
      .counter("causeway_source_commitment_reports_total",
               "channel=\"" + name().channel + "\",outcome=\"" + std::string(how) + "\"")
      .add();
}

void DicomSource::take(std::vector<ReplyFor> replies) {
  for (const auto& [id, reply] : replies) {
    if (auto* connection = find(id))
      connection->answer(reply);
    else if (reply.message)
      reply_sent(reply.message, ReplyState::Lost);
  }
}

SourceConnection* DicomSource::find(std::uint64_t id) const {
  return static_cast<SourceConnection*>(find_connection(id));
}

}  // namespace causeway::connectors::dicom
