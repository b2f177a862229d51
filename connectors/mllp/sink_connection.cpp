#include "connectors/mllp/sink_connection.h"

#include <algorithm>

#include "engine/core/check.h"
#include "engine/core/limits.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::connectors::mllp {
namespace {

constexpr std::size_t late_acknowledgements_max = 64;

bool is_blank(std::string_view bytes) {
  return bytes.find_first_not_of("\r\n") == bytes.npos;
}

std::string_view control_id_of(std::string_view message) {
  const auto header = hl7v2::peek_header(message);
  return header ? header->control_id : std::string_view();
}

/// Table 0155: MSH-16 with anything but NE.
bool wants_application_ack(std::string_view message) {
  const auto header = hl7v2::peek_header(message);
  return header && !header->application_ack_type.empty() && header->application_ack_type != "NE";
}

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
      reader_({settings.frame_bytes_max, 0}),
      deadline_(loop, [this] { on_deadline(); }) {}

SinkConnection::~SinkConnection() = default;

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
  late_.clear();
  deadline_.set(settings_.connect_timeout);
  dial_ = std::make_unique<Dial>(
      loop_, Dial::Target{settings_.host, settings_.port, settings_.connect_timeout},
      [this](Result<Socket> socket) {
        if (!socket) return not_connected(socket.error());
        Stream::Owner& owner = *this;
        old_stream_.reset();
        stream_ = std::make_unique<Stream>(loop_, std::move(*socket), settings_.tls, owner);
        reader_ = FrameReader({settings_.frame_bytes_max, 0});
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
  stream_->queue(start_block);
  stream_->queue(*job_->bytes, job_->bytes);
  stream_->queue(end_block);
  end_ = stream_->queued();
  handed_at_check_ = begin_;
  deadline_.set(settings_.reply_timeout);
  if (!stream_->flush()) return on_failure(stream_->failure());
  if (!settings_.expects_ack && !stream_->is_sending()) finish(delivered());
}

void SinkConnection::on_progress() {
  if (!job_ || stream_->is_sending()) return;
  if (!settings_.expects_ack) return finish(delivered());
  deadline_.set(settings_.reply_timeout);
}

void SinkConnection::on_bytes(std::string_view bytes) {
  heard_ = true;
  if (job_ && settings_.expects_ack) return read_reply(bytes);
  if (is_blank(bytes)) return;
  if (job_) return breach("bytes from a receiver that sends no replies", {});
  if (!take_late(bytes)) disconnect("unexpected_bytes");
}

void SinkConnection::read_reply(std::string_view bytes) {
  // Before the reply that is awaited may come those of earlier messages.
  while (auto reply = reader_.next(bytes)) {
    const auto ack = hl7v2::read_ack(*reply);
    const bool passed_over = ack && is_late(*ack);
    if (!passed_over) return judge(*reply, bytes);
  }
  if (reader_.fault() == FrameReader::Fault::FrameTooLong)
    return breach("the reply is longer than frame_bytes_max", {});
  if (reader_.fault() != FrameReader::Fault::None)
    return breach("the reply isn't in an MLLP frame", {});
}

/// The application's acknowledgement of an earlier message, which its commit settled.
bool SinkConnection::is_late(const hl7v2::Ack& ack) {
  if (hl7v2::is_commit(ack.code)) return false;
  const auto found = std::find(late_.begin(), late_.end(), ack.control_id);
  if (found == late_.end()) return false;
  late_.erase(found);
  host_.late_acknowledgement(ack.code);
  return true;
}

/// False: there is something else, or what no message can have asked for.
bool SinkConnection::take_late(std::string_view bytes) {
  while (!is_blank(bytes)) {
    const auto reply = reader_.next(bytes);
    if (!reply) return reader_.fault() == FrameReader::Fault::None && !late_.empty();
    const auto ack = hl7v2::read_ack(*reply);
    if (!ack || !is_late(*ack)) return false;
  }
  return true;
}

void SinkConnection::judge(const std::string& reply, std::string_view rest) {
  auto response = reply.substr(0, limits::response_bytes);
  const auto ack = hl7v2::read_ack(reply);
  if (!ack)
    return breach("the reply is no acknowledgement: " + ack.error().text, std::move(response));
  if (settings_.check_control_id) {
    const auto sent = control_id_of(*job_->bytes);
    if (!sent.empty() && sent != ack->control_id)
      return breach("the reply's MSA-2 names another message", std::move(response));
  }
  const bool too_early = stream_->is_sending();
  auto attempt = delivered();
  attempt.outcome = settings_.acks[static_cast<std::size_t>(ack->code)];
  if (attempt.outcome == Outcome::Delivered && too_early)
    return breach("accepted before it was sent whole", std::move(response));
  if (awaits_application_ && ack->code == hl7v2::AckCode::CA)
    return breach("a second commit acknowledgement", std::move(response));
  if (ack->code == hl7v2::AckCode::CA && wants_application_ack(*job_->bytes)) {
    if (settings_.awaits_application) {
      expect_application(response);
      return read_reply(rest);
    }
    if (late_.size() == late_acknowledgements_max) late_.pop_front();
    late_.emplace_back(ack->control_id);
  }
  if (attempt.outcome != Outcome::Delivered)
    attempt.reason = {
        ErrorKind::Refused, place(),
        std::string(hl7v2::to_string(ack->code)) + (ack->text.empty() ? "" : ": " + ack->text)};
  attempt.response = std::move(response);
  if (too_early || !take_late(rest)) disconnect("unexpected_bytes");
  finish(std::move(attempt));
}

void SinkConnection::expect_application(const std::string& response) {
  awaits_application_ = true;
  commit_response_ = response;
  deadline_.set(settings_.reply_timeout);
}

void SinkConnection::on_peer_end() {
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
  const bool end_block_handed = is_open_ && stream_->handed() + end_block.size() > end_;
  attempt.outcome = end_block_handed ? Outcome::Ambiguous : Outcome::Deferred;
  attempt.reason = {kind, place(), std::move(text)};
  if (awaits_application_) {
    attempt.reason.text += "; the receiver has committed to it, its application has not answered";
    attempt.response = commit_response_;
  }
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
  awaits_application_ = false;
  commit_response_.clear();
  if (!reader_.in_frame()) reader_ = FrameReader({settings_.frame_bytes_max, 0});
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

}  // namespace causeway::connectors::mllp
