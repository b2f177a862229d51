#include "connectors/tcp/source.h"

#include "connectors/support/staged_body.h"

namespace causeway::connectors::tcp {
namespace {

ListeningSource::Shape shape_of(const SourceSettings& settings) {
  ListeningSource::Shape shape;
  shape.scheme = "tcp";
  shape.endpoint = settings;
  shape.connections_max = settings.connections_max;
  shape.sweep_interval = sweep_interval_for({settings.idle_timeout, settings.frame_timeout});
  return shape;
}

}  // namespace

TcpSource::TcpSource(SourceSettings settings, const Name& name, const Environment& environment)
    : ListeningSource(shape_of(settings), name, environment), settings_(std::move(settings)) {}

std::string TcpSource::compose_reply(std::string_view, const Verdict& verdict) const {
  if (verdict.verbatim) return *verdict.verbatim;
  return verdict.code == Verdict::Code::Accept ? settings_.accepted : settings_.refused;
}

void TcpSource::begin() {
  inbox_ = std::make_shared<Replies>(environment().loop, *this);
}

void TcpSource::end() {
  inbox_->close();
  inbox_.reset();
}

std::unique_ptr<AcceptedConnection> TcpSource::make_connection(std::uint64_t id, Socket socket,
                                                               std::string peer) {
  SourceConnection::Host& host = *this;
  return std::make_unique<SourceConnection>(id, environment().loop, std::move(socket),
                                            std::move(peer), host);
}

void TcpSource::closed(SourceConnection& connection, std::string_view reason) {
  note_closed(connection, reason);
}

bool TcpSource::hold(std::int64_t more_bytes) {
  held_bytes_ += more_bytes;
  return more_bytes <= 0 || held_bytes_ <= static_cast<std::int64_t>(settings_.buffered_bytes_max);
}

bool TcpSource::must_stage(std::string_view content) const {
  return goes_to_staging(content.size());
}

void TcpSource::offer(SourceConnection& from, std::uint64_t number, std::string content) {
  note_message(content.size());
  const ReplyPlace place{from.id(), number};
  auto bytes = make_bytes(std::move(content));
  if (goes_to_staging(bytes->size()))
    stage_and_accept(from.sender(), place, std::move(bytes));
  else
    accept(from.sender(), Body(std::move(bytes)), {}, place);
}

void TcpSource::stage_and_accept(Sender sender, const ReplyPlace& place, Bytes content) {
  stager_of(place.connection)
      .run([inbox = inbox_, staging = environment().staging, sender = std::move(sender), place,
            content = std::move(content)] {
        inbox->post([=, body = stage(*staging, *content)](TcpSource& self) {
          if (body)
            self.accept(sender, *body, content, place);
          else
            self.inbox_->put({place, self.not_stored(body.error(), *content)});
          if (auto* waiting = self.find(place.connection)) waiting->staged();
        });
      });
}

void TcpSource::accept(Sender sender, Body body, Bytes at_hand, const ReplyPlace& place) {
  Draft draft;
  draft.sender = std::move(sender);
  draft.content_type = settings_.content;
  draft.body = std::move(body);
  draft.at_hand = std::move(at_hand);
  intake().accept(std::move(draft), {}, [inbox = inbox_, place](Reply reply) {
    inbox->put({place, std::move(reply)});
  });
}

void TcpSource::answer(ReplyFor given) {
  auto& [place, reply] = given;
  if (auto* connection = find(place.connection))
    connection->answer(place.number, std::move(reply));
  else if (reply.message)
    reply_sent(reply.message, ReplyState::Lost);
}

void TcpSource::take(std::vector<ReplyFor> replies) {
  std::vector<std::uint64_t> answered;
  for (auto& reply : replies) {
    const auto id = reply.place.connection;
    answer(std::move(reply));
    if (answered.empty() || answered.back() != id) answered.push_back(id);
  }
  for (auto id : answered)
    if (auto* connection = find(id)) connection->send_replies();
}

SourceConnection* TcpSource::find(std::uint64_t id) const {
  return static_cast<SourceConnection*>(find_connection(id));
}

}  // namespace causeway::connectors::tcp
