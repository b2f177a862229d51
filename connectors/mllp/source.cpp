#include "connectors/mllp/source.h"

#include "connectors/support/staged_body.h"

namespace causeway::connectors::mllp {
namespace {

ListeningSource::Shape shape_of(const SourceSettings& settings) {
  ListeningSource::Shape shape;
  shape.scheme = "mllp";
  shape.endpoint = settings;
  shape.connections_max = settings.connections_max;
  shape.sweep_interval = sweep_interval_for({settings.idle_timeout, settings.frame_timeout});
  return shape;
}

}  // namespace

MllpSource::MllpSource(SourceSettings settings, const Name& name, const Environment& environment)
    : ListeningSource(shape_of(settings), name, environment),
      settings_(std::move(settings)),
      verdict_reply_(environment.clock),
      garbage_bytes_(counter("causeway_source_garbage_bytes_total")) {}

std::string MllpSource::compose_reply(std::string_view message, const Verdict& verdict) const {
  return verdict_reply_.compose(message, verdict);
}

void MllpSource::begin() {
  inbox_ = std::make_shared<Replies>(environment().loop, *this);
}

void MllpSource::end() {
  inbox_->close();
  inbox_.reset();
}

std::unique_ptr<AcceptedConnection> MllpSource::make_connection(std::uint64_t id, Socket socket,
                                                                std::string peer) {
  SourceConnection::Host& host = *this;
  return std::make_unique<SourceConnection>(id, environment().loop, std::move(socket),
                                            std::move(peer), host);
}

void MllpSource::closed(SourceConnection& connection, std::string_view reason) {
  note_closed(connection, reason);
}

bool MllpSource::hold(std::int64_t more_bytes) {
  held_bytes_ += more_bytes;
  return more_bytes <= 0 || held_bytes_ <= static_cast<std::int64_t>(settings_.buffered_bytes_max);
}

bool MllpSource::must_stage(std::string_view content) const {
  return goes_to_staging(content.size()) && !takes_apart(content);
}

bool MllpSource::takes_apart(std::string_view content) const {
  return settings_.splits_batches && BatchFrame::take_apart(content);
}

void MllpSource::offer(SourceConnection& from, std::uint64_t number, std::string content) {
  note_message(content.size());
  auto batch = settings_.splits_batches ? BatchFrame::take_apart(content) : nullptr;
  if (!batch) return offer_one(from.sender(), {from.id(), number}, std::move(content));
  for (std::size_t i = 0; i < batch->messages().size(); ++i)
    offer_one(from.sender(), {from.id(), number, batch, i}, batch->messages()[i]);
}

void MllpSource::offer_one(const Sender& sender, const ReplyPlace& place, std::string content) {
  auto bytes = make_bytes(std::move(content));
  if (goes_to_staging(bytes->size()))
    stage_and_accept(sender, place, std::move(bytes));
  else
    accept(sender, Body(std::move(bytes)), {}, place);
}

void MllpSource::stage_and_accept(Sender sender, const ReplyPlace& place, Bytes content) {
  stager_of(place.connection)
      .run([inbox = inbox_, staging = environment().staging, sender = std::move(sender), place,
            content = std::move(content)] {
        inbox->post([=, body = stage(*staging, *content)](MllpSource& self) {
          if (body)
            self.accept(sender, *body, content, place);
          else
            self.inbox_->put({place, self.not_stored(body.error(), *content)});
          auto* waiting = place.batch ? nullptr : self.find(place.connection);
          if (waiting) waiting->staged();
        });
      });
}

void MllpSource::accept(Sender sender, Body body, Bytes at_hand, const ReplyPlace& place) {
  Draft draft;
  draft.sender = std::move(sender);
  draft.content_type = ContentType::Hl7v2;
  draft.body = std::move(body);
  draft.at_hand = std::move(at_hand);
  if (place.batch) draft.batch_place = static_cast<std::uint32_t>(place.member + 1);
  intake().accept(std::move(draft), {}, [inbox = inbox_, place](Reply reply) {
    inbox->put({place, std::move(reply)});
  });
}

void MllpSource::take(std::vector<ReplyFor> replies) {
  std::vector<std::uint64_t> answered;
  for (auto& reply : replies) {
    const auto id = reply.place.connection;
    answer(std::move(reply));
    if (answered.empty() || answered.back() != id) answered.push_back(id);
  }
  for (auto id : answered)
    if (auto* connection = find(id)) connection->send_replies();
}

/// A batch is answered when all its messages are.
void MllpSource::answer(ReplyFor given) {
  auto& [place, reply] = given;
  auto* connection = find(place.connection);
  if (!connection) {
    if (reply.message) reply_sent(reply.message, ReplyState::Lost);
    return;
  }
  if (!place.batch) return connection->answer(place.number, std::move(reply));
  if (place.batch->answer(place.member, std::move(reply)))
    connection->answer(place.number, place.batch->combined(verdict_reply_), place.batch->stored());
}

SourceConnection* MllpSource::find(std::uint64_t id) const {
  return static_cast<SourceConnection*>(find_connection(id));
}

}  // namespace causeway::connectors::mllp
