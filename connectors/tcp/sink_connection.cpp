#include "connectors/tcp/sink_connection.h"

#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::connectors::tcp {
namespace {

Attempt delivered() {
  Attempt attempt;
  attempt.outcome = Outcome::Delivered;
  attempt.reason.kind = ErrorKind::None;
  return attempt;
}

}  // namespace

SinkConnection::SinkConnection(EventLoop& loop, const SinkSettings& settings, Host& host)
    : loop_(loop),
      settings_(settings),
      host_(host),
      reader_(settings.framing, settings.frame_bytes_max),
      deadline_(loop, [this] { on_deadline(); }) {}

SinkConnection::~SinkConnection() {
  loop_.cancel(silence_);
}

void SinkConnection::send(Job job) {
  CHECK(!job_);
  job_ = std::move(job);
  if (is_open_ && stream_->is_quiet()) {
    reused_ = true;
    return transmit();
  }
  disconnect("closed_by_peer");
  connect();
}

void SinkConnection::connect() {
  reused_ = false;
  deadline_.set(settings_.connect_timeout);
  dial_ = std::make_unique<Dial>(
      loop_, Dial::Target{settings_.host, settings_.port, settings_.connect_timeout},
      [this](Result<Socket> socket) {
        if (!socket) return not_connected(socket.error());
        Stream::Owner& owner = *this;
        old_stream_.reset();
        stream_ = std::make_unique<Stream>(loop_, std::move(*socket), settings_.tls, owner);
        reader_ = FrameReader(settings_.framing, settings_.frame_bytes_max);
        heard_ = false;
        stream_->open();
      });
}

void SinkConnection::on_open() {
  is_open_ = true;
  host_.opened();
  stream_->read_on(true);
  transmit();
}

void SinkConnection::transmit() {
  if (!host_.may_send()) {
    Attempt attempt;
    attempt.reason = {ErrorKind::Stopped, place(), "not sent: the engine's lease may be over"};
    return finish(std::move(attempt));
  }
  begin_ = stream_->queued();
  const auto head = make_bytes(*frame_head(settings_.framing, *job_->bytes));
  stream_->queue(*head, head);
  stream_->queue(*job_->bytes, job_->bytes);
  stream_->queue(frame_tail(settings_.framing));
  end_ = stream_->queued();
  handed_at_check_ = begin_;
  deadline_.set(settings_.reply_timeout);
  if (!stream_->flush()) return on_failure(stream_->failure());
  if (!settings_.expects_reply && !stream_->is_sending()) finish(delivered());
}

void SinkConnection::on_progress() {
  if (!job_ || stream_->is_sending()) return;
  if (!settings_.expects_reply) return finish(delivered());
  deadline_.set(settings_.reply_timeout);
}

void SinkConnection::on_bytes(std::string_view bytes) {
  heard_ = true;
  if (job_ && settings_.expects_reply) return read_reply(bytes);
  if (job_) return breach("bytes from a receiver that sends no replies", {});
  disconnect("unexpected_bytes");
}

void SinkConnection::read_reply(std::string_view bytes) {
  if (const auto reply = reader_.next(bytes)) return judge(*reply, bytes);
  if (reader_.fault() == FrameReader::Fault::FrameTooLong)
    return breach("the reply is longer than frame_bytes_max", {});
  if (reader_.fault() != FrameReader::Fault::None) return breach("the reply isn't in a frame", {});
  await_silence();
}

/// What has come is the reply once nothing has followed for so long.
void SinkConnection::await_silence() {
  if (settings_.framing.kind != Framing::Kind::Silence) return;
  loop_.cancel(silence_);
  silence_ = loop_.after(settings_.framing.silence, [this] {
    silence_ = 0;
    if (!job_) return;
    if (const auto reply = reader_.end_of_silence()) judge(*reply, {});
  });
}

void SinkConnection::judge(const std::string& reply, std::string_view rest) {
  auto response = reply.substr(0, limits::response_bytes);
  const bool too_early = stream_->is_sending();
  auto attempt = delivered();
  attempt.outcome = settings_.otherwise;
  for (const auto& [prefix, outcome] : settings_.meanings) {
    if (!reply.starts_with(prefix)) continue;
    attempt.outcome = outcome;
    break;
  }
  if (attempt.outcome == Outcome::Delivered && too_early)
    return breach("accepted before it was sent whole", std::move(response));
  if (attempt.outcome == Outcome::Ambiguous)
    return breach("the reply is none of those that are known", std::move(response));
  if (attempt.outcome != Outcome::Delivered)
    attempt.reason = {ErrorKind::Refused, place(), "the reply says so"};
  attempt.response = std::move(response);
  if (too_early || !rest.empty()) disconnect("unexpected_bytes");
  finish(std::move(attempt));
}

void SinkConnection::on_peer_end() {
  if (job_ && silence_ != 0)
    if (const auto reply = reader_.end_of_silence()) return judge(*reply, {});
  if (job_)
    return lost(ErrorKind::Unavailable, "the receiver closed the connection without a reply");
  disconnect("closed_by_peer");
}

void SinkConnection::on_failure(const Stream::Failure& failure) {
  if (!job_) return disconnect("connection_lost");
  if (reused_ && has_sent_nothing()) {
    disconnect("closed_by_peer");
    return connect();
  }
  if (has_sent_nothing() || (failure.in_handshake && !heard_))
    return not_connected(Error{ErrorKind::Unavailable, place(), failure.text});
  lost(ErrorKind::Unavailable, "connection lost: " + failure.text);
}

bool SinkConnection::has_sent_nothing() const {
  return !is_open_ || stream_->handed() <= begin_;
}

void SinkConnection::lost(ErrorKind kind, std::string text) {
  Attempt attempt;
  const bool whole = is_open_ && stream_->handed() >= end_;
  attempt.outcome = whole ? Outcome::Ambiguous : Outcome::Deferred;
  attempt.reason = {kind, place(), std::move(text)};
  disconnect("no_reply");
  finish(std::move(attempt));
}

void SinkConnection::not_connected(Error error) {
  Attempt attempt;
  attempt.outcome = Outcome::Deferred;
  attempt.reason = std::move(error);
  attempt.destination_down = true;
  disconnect("not_connected");
  finish(std::move(attempt));
}

/// Whatever the receiver did with the message, it can't be understood.
void SinkConnection::breach(std::string text, std::string response) {
  Attempt attempt;
  attempt.outcome = Outcome::Ambiguous;
  attempt.response = std::move(response);
  attempt.reason = {ErrorKind::Invalid, place(), std::move(text)};
  disconnect("breach");
  finish(std::move(attempt));
}

void SinkConnection::finish(Attempt attempt) {
  auto job = std::move(*job_);
  job_.reset();
  if (!reader_.in_frame()) reader_ = FrameReader(settings_.framing, settings_.frame_bytes_max);
  if (settings_.idle_timeout.count() > 0) deadline_.set(settings_.idle_timeout);
  host_.finished(std::move(job), std::move(attempt));
}

void SinkConnection::disconnect(std::string_view reason) {
  dial_.reset();
  if (!stream_) return;
  stream_->close();
  old_stream_ = std::move(stream_);
  if (std::exchange(is_open_, false)) host_.closed(reason);
}

void SinkConnection::give_up_unsent() {
  if (!job_) return disconnect("stopped");
  if (!has_sent_nothing()) return;
  lost(ErrorKind::Stopped, "stopped before it was sent");
}

void SinkConnection::give_up() {
  if (job_) lost(ErrorKind::Stopped, "stopped while its reply was awaited");
  disconnect("stopped");
}

void SinkConnection::on_deadline() {
  if (!job_) {
    if (settings_.idle_timeout.count() > 0) disconnect("idle");
    return;
  }
  if (!is_open_) return not_connected(Error{ErrorKind::TimedOut, place(), "no connection in time"});
  if (const auto handed = stream_->handed(); handed != end_ && handed != handed_at_check_) {
    handed_at_check_ = handed;  // slow, but it goes on
    return deadline_.set(settings_.reply_timeout);
  }
  lost(ErrorKind::TimedOut, "no reply in time");
}

std::string SinkConnection::place() const {
  return host_and_port(settings_.host, settings_.port);
}

}  // namespace causeway::connectors::tcp
