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

std::string DicomSource::compose_reply(std::string_view, const Verdict& verdict) const {
  return write_status_line(status_of(verdict));
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

void DicomSource::offer(SourceConnection& from, std::string file) {
  accept(from.id(), from.sender(), Body(make_bytes(std::move(file))), {});
}

void DicomSource::offer_staged(SourceConnection& from,
                               std::shared_ptr<const ObjectReceiver> object) {
  stager_of(from.id()).run(
      [inbox = inbox_, id = from.id(), sender = from.sender(), object = std::move(object)] {
        auto finished = object->staged()->finish();
        const auto head = finished ? object->head_with(finished->digest) : Bytes();
        inbox->post([id, sender, head, finished = std::move(finished)](DicomSource& self) {
          if (!finished) return void(self.inbox_->put({id, self.not_stored(finished.error(), {})}));
          self.accept(id, sender, finished->body, head);
        });
      });
}

void DicomSource::accept(std::uint64_t connection, Sender sender, Body body, Bytes at_hand) {
  note_message(body.size());
  Draft draft;
  draft.sender = std::move(sender);
  draft.content_type = ContentType::Dicom;
  draft.body = std::move(body);
  draft.at_hand = std::move(at_hand);
  intake().accept(std::move(draft), {}, [inbox = inbox_, connection](Reply reply) {
    inbox->put({connection, std::move(reply)});
  });
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
