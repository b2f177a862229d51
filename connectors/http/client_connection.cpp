#include "connectors/http/client_connection.h"

#include "engine/core/check.h"

namespace causeway::connectors::http {
namespace {

constexpr std::size_t answer_header_bytes_max = 64 * 1024;

bool is_interim(int status) {
  return status >= 100 && status < 200;
}

}  // namespace

ClientConnection::ClientConnection(EventLoop& loop, ClientTarget target, const ClientRules& rules,
                                   Host& host)
    : loop_(loop),
      target_(std::move(target)),
      rules_(rules),
      host_(host),
      parser_(Parser::Kind::Answer, answer_header_bytes_max),
      deadline_(loop, [this] { on_deadline(); }) {}

ClientConnection::~ClientConnection() = default;

void ClientConnection::send(ClientRequest request, OnDone on_done) {
  CHECK(!busy_);
  busy_ = true;
  request_ = std::move(request);
  on_done_ = std::move(on_done);
  if (is_open_ && stream_->is_quiet()) {
    reused_ = true;
    return transmit();
  }
  disconnect("closed_by_peer");
  connect();
}

void ClientConnection::connect() {
  reused_ = false;
  deadline_.set(rules_.connect_timeout);
  dial_ = std::make_unique<Dial>(
      loop_, Dial::Target{target_.host, target_.port, rules_.connect_timeout},
      [this](Result<Socket> socket) {
        if (!socket) return not_connected(socket.error());
        Stream::Owner& owner = *this;
        old_stream_.reset();
        stream_ = std::make_unique<Stream>(loop_, std::move(*socket), target_.tls, owner);
        heard_ = false;
        stream_->open();
      });
}

void ClientConnection::on_open() {
  is_open_ = true;
  host_.opened();
  stream_->read_on(true);
  transmit();
}

void ClientConnection::transmit() {
  if (!host_.may_send())
    return finish(Error{ErrorKind::Stopped, target_.place(), "stopped before it was sent"},
                  ClientStage::NotSent);
  parser_.restart();
  parser_.without_body(request_.head_only);
  unparsed_.clear();
  answer_ = {};
  begin_ = stream_->queued();
  const auto head = make_bytes(request_.head);
  stream_->queue(*head, head);
  if (request_.body) stream_->queue(*request_.body, request_.body);
  end_ = stream_->queued();
  handed_at_check_ = begin_;
  deadline_.set(rules_.reply_timeout);
  if (!stream_->flush()) on_failure(stream_->failure());
}

void ClientConnection::on_progress() {
  if (busy_ && !stream_->is_sending()) deadline_.set(rules_.reply_timeout);
}

void ClientConnection::on_bytes(std::string_view bytes) {
  heard_ = true;
  if (!busy_) return disconnect("unexpected_bytes");
  std::string_view all = bytes;
  if (!unparsed_.empty()) {
    unparsed_ += bytes;
    all = unparsed_;
  }
  if (read_answer(all)) return;
  const std::string rest(all);
  unparsed_ = rest;
}

/// True: it is over.
bool ClientConnection::read_answer(std::string_view& bytes) {
  for (;;) {
    switch (parser_.next(bytes)) {
      case Parser::Event::NeedMore:
        return false;
      case Parser::Event::Head:
        if (!is_interim(parser_.head().status)) answer_.head = parser_.head();
        break;
      case Parser::Event::Body:
        answer_.body += parser_.body();
        if (answer_.body.size() <= rules_.answer_bytes_max) break;
        breach("the answer is longer than response_bytes_max");
        return true;
      case Parser::Event::Fault:
        breach("the answer isn't HTTP: " + parser_.fault());
        return true;
      case Parser::Event::End:
        if (parser_.head().status == 101) {
          breach("the server changes the protocol");
          return true;
        }
        if (is_interim(parser_.head().status)) {
          parser_.restart();
          parser_.without_body(request_.head_only);
          break;
        }
        answered(bytes);
        return true;
    }
  }
}

void ClientConnection::answered(std::string_view rest) {
  const bool too_early = stream_->is_sending();
  if (too_early || !rest.empty() || !answer_.head.keeps_alive)
    disconnect(rest.empty() ? "last" : "unexpected_bytes");
  // Accepted before it was sent whole: the rest can't matter to the server, but nothing is known.
  finish(std::move(answer_), too_early ? ClientStage::NotSent : ClientStage::Answered);
}

void ClientConnection::on_peer_end() {
  if (!busy_) return disconnect("closed_by_peer");
  if (answer_.head.status != 0 && parser_.ends_here()) {
    answer_.head.keeps_alive = false;
    return answered({});
  }
  if (reused_ && has_sent_nothing()) {
    disconnect("closed_by_peer");
    return connect();
  }
  lost(ErrorKind::Unavailable, "the server closed the connection without a whole answer");
}

void ClientConnection::on_failure(const Stream::Failure& failure) {
  if (!busy_) return disconnect("connection_lost");
  if (reused_ && has_sent_nothing()) {
    disconnect("closed_by_peer");
    return connect();
  }
  if (has_sent_nothing() || (failure.in_handshake && !heard_))
    return not_connected(Error{ErrorKind::Unavailable, target_.place(), failure.text});
  lost(ErrorKind::Unavailable, "connection lost: " + failure.text);
}

bool ClientConnection::has_sent_nothing() const {
  return !is_open_ || stream_->handed() <= begin_;
}

void ClientConnection::lost(ErrorKind kind, std::string text) {
  const bool whole = is_open_ && stream_->handed() >= end_;
  disconnect("no_answer");
  finish(Error{kind, target_.place(), std::move(text)},
         whole ? ClientStage::Sent : ClientStage::NotSent);
}

void ClientConnection::not_connected(Error error) {
  disconnect("not_connected");
  finish(std::move(error), ClientStage::NotConnected);
}

/// Whatever the server did with the request, it can't be understood.
void ClientConnection::breach(std::string text) {
  disconnect("breach");
  finish(Error{ErrorKind::Invalid, target_.place(), std::move(text)}, ClientStage::Sent);
}

void ClientConnection::finish(Result<ClientAnswer> answer, ClientStage stage) {
  busy_ = false;
  request_ = {};
  answer_ = {};
  if (rules_.idle_timeout.count() > 0) deadline_.set(rules_.idle_timeout);
  const auto on_done = std::exchange(on_done_, nullptr);
  on_done(std::move(answer), stage);
}

void ClientConnection::disconnect(std::string_view reason) {
  dial_.reset();
  unparsed_.clear();
  if (!stream_) return;
  stream_->close();
  old_stream_ = std::move(stream_);
  if (std::exchange(is_open_, false)) host_.closed(reason);
}

void ClientConnection::give_up_unsent() {
  if (!busy_) return disconnect("stopped");
  if (has_sent_nothing()) lost(ErrorKind::Stopped, "stopped before it was sent");
}

void ClientConnection::give_up() {
  if (busy_) lost(ErrorKind::Stopped, "stopped while its answer was awaited");
  disconnect("stopped");
}

void ClientConnection::on_deadline() {
  if (!busy_) {
    if (rules_.idle_timeout.count() > 0) disconnect("idle");
    return;
  }
  if (!is_open_)
    return not_connected(Error{ErrorKind::TimedOut, target_.place(), "no connection in time"});
  if (const auto handed = stream_->handed(); handed != end_ && handed != handed_at_check_) {
    handed_at_check_ = handed;  // slow, but it goes on
    return deadline_.set(rules_.reply_timeout);
  }
  lost(ErrorKind::TimedOut, "no answer in time");
}

}  // namespace causeway::connectors::http
