#include "connectors/mllp/source_connection.h"

#include "engine/core/check.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::connectors::mllp {
namespace {

constexpr auto handshake_timeout = std::chrono::seconds(10);

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

SourceConnection::SourceConnection(std::uint64_t id, EventLoop& loop, Socket socket,
                                   std::string peer, Host& host)
    : AcceptedConnection(id, std::move(peer)),
      host_(host),
      stream_(loop, std::move(socket), host.settings().tls, *this),
      sender_{this->peer(), {}},
      reader_({host.settings().frame_bytes_max, host.settings().garbage_bytes_max}),
      last_active_(now()) {}

SourceConnection::~SourceConnection() = default;

void SourceConnection::on_open() {
  is_open_ = true;
  last_active_ = now();
  sender_.name = stream_.peer_name();
  update_reading();
}

void SourceConnection::on_bytes(std::string_view bytes) {
  last_active_ = now();
  if (!reader_.in_frame()) frame_begun_ = last_active_;
  if (unparsed_.empty()) {
    if (!offer_frames(bytes)) return;
    unparsed_ = bytes;
  } else {
    unparsed_ += bytes;
  }
  if (hold_partial()) update_reading();
}

void SourceConnection::resume() {
  if (closed_) return;
  std::string_view rest = unparsed_;
  if (!offer_frames(rest)) return;
  unparsed_.erase(0, unparsed_.size() - rest.size());
  if (!hold_partial()) return;
  update_reading();
  close_if_done();
}

/// False: closed. What may not be offered yet stays in `bytes`.
bool SourceConnection::offer_frames(std::string_view& bytes) {
  const auto garbage_before = reader_.garbage_total();
  while (!bytes.empty() && may_offer()) {
    auto content = reader_.next(bytes);
    if (!content) break;
    offer(std::move(*content));
    frame_begun_ = last_active_;
  }
  if (const auto garbage = reader_.garbage_total() - garbage_before; garbage > 0)
    host_.count_garbage(garbage);
  switch (reader_.fault()) {
    case FrameReader::Fault::None:
      return true;
    case FrameReader::Fault::FrameTooLong:
      close("frame_too_long");
      return false;
    case FrameReader::Fault::TooMuchGarbage:
      close("garbage");
      return false;
  }
  return false;
}

bool SourceConnection::may_offer() {
  return !closed_ && (!draining_ || reader_.in_frame()) && !last_reply_out_ && !staging_ &&
         expected_.size() < host_.settings().unanswered_max && host_.may_offer();
}

void SourceConnection::offer(std::string content) {
  Expected expected;
  if (host_.settings().on_unreadable == SourceSettings::OnUnreadable::Close)
    expected.unreadable = !hl7v2::peek_header(content).ok() && !host_.takes_apart(content);
  if (host_.must_stage(content)) {
    staging_ = true;
    staged_bytes_ = content.size();
  }
  expected_.push_back(std::move(expected));
  host_.offer(*this, first_number_ + expected_.size() - 1, std::move(content));
}

void SourceConnection::staged() {
  staging_ = false;
  staged_bytes_ = 0;
  resume();
}

void SourceConnection::answer(std::uint64_t number, Reply reply, std::vector<MessageId> stored) {
  if (closed_) return lose(reply, stored);
  CHECK(number >= first_number_ && number - first_number_ < expected_.size());
  std::erase(stored, reply.message);
  auto& expected = expected_[number - first_number_];
  expected.reply = std::move(reply);
  expected.also = std::move(stored);
}

void SourceConnection::send_replies() {
  if (closed_) return;
  while (!last_reply_out_ && !expected_.empty() && expected_.front().reply) {
    last_reply_out_ = !send_one(expected_.front());
    expected_.pop_front();
    ++first_number_;
  }
  if (!stream_.flush()) return close("send_failed");
  settle_sent();
  resume();
}

/// False: nothing may follow on this connection.
bool SourceConnection::send_one(const Expected& expected) {
  const auto& reply = *expected.reply;
  const bool last = wants_close(expected);
  if (last || !reply.bytes || reply.bytes->empty()) {
    tell(expected, ReplyState::None);
    return !last;
  }
  if (!can_be_framed(*reply.bytes)) {
    tell(expected, ReplyState::Lost);
    return false;
  }
  stream_.queue(start_block);
  stream_.queue(*reply.bytes, reply.bytes);
  stream_.queue(end_block);
  if (reply.message) leaving_.push_back({stream_.queued(), reply.message});
  for (auto message : expected.also) leaving_.push_back({stream_.queued(), message});
  return true;
}

bool SourceConnection::wants_close(const Expected& expected) const {
  if (expected.unreadable) return true;
  if (expected.reply->message) return false;
  const auto kind = expected.reply->verdict.kind;
  const bool for_its_own_fault = kind == ErrorKind::Invalid || kind == ErrorKind::Limit;
  return !for_its_own_fault &&
         host_.settings().on_store_unavailable == SourceSettings::OnStoreUnavailable::StopReading;
}

void SourceConnection::settle_sent() {
  while (!leaving_.empty() && leaving_.front().end <= stream_.handed()) {
    host_.reply_sent(leaving_.front().message, ReplyState::Sent);
    leaving_.pop_front();
  }
}

void SourceConnection::on_progress() {
  last_active_ = now();
  settle_sent();
  close_if_done();
}

void SourceConnection::on_peer_end() {
  peer_ended_ = true;
  close_if_done();
}

void SourceConnection::on_failure(const Stream::Failure& failure) {
  close(failure.in_handshake ? "handshake_failed" : "connection_lost");
}

void SourceConnection::drain() {
  draining_ = true;
  update_reading();
  close_if_done();
}

void SourceConnection::close_if_done() {
  if (closed_ || stream_.is_sending()) return;
  if (last_reply_out_) return close("policy");
  if (!expected_.empty()) return;
  if (draining_ && !reader_.in_frame()) return close("stopped");
  if (peer_ended_ && unparsed_.empty())
    return close(reader_.in_frame() ? "frame_cut" : "peer_closed");
}

void SourceConnection::close(std::string_view reason) {
  if (std::exchange(closed_, true)) return;
  settle_sent();
  stream_.close();
  for (const auto& reply : leaving_) host_.reply_sent(reply.message, ReplyState::Lost);
  for (const auto& expected : expected_) lose(expected.reply, expected.also);
  host_.hold(-held_);
  host_.closed(*this, reason);
}

void SourceConnection::lose(const std::optional<Reply>& reply, const std::vector<MessageId>& also) {
  tell({false, reply, also}, ReplyState::Lost);
}

void SourceConnection::tell(const Expected& expected, ReplyState state) {
  if (expected.reply && expected.reply->message) host_.reply_sent(expected.reply->message, state);
  for (auto message : expected.also) host_.reply_sent(message, state);
}

/// False: closed, since all connections together hold too much.
bool SourceConnection::hold_partial() {
  const auto holds =
      static_cast<std::int64_t>(reader_.held_bytes() + unparsed_.capacity() + staged_bytes_);
  const bool fits = host_.hold(holds - held_);
  held_ = holds;
  if (!fits) close("buffers_full");
  return fits;
}

void SourceConnection::update_reading() {
  if (closed_ || !is_open_) return;
  stream_.read_on(unparsed_.empty() && may_offer());
}

void SourceConnection::close_if_overdue(SteadyTime time) {
  const auto& settings = host_.settings();
  if (!is_open_ && time - last_active_ > handshake_timeout) return close("handshake_timeout");
  // Silence is the peer's where it is free to send and owed nothing, or doesn't take its replies.
  const bool free_to_send = unparsed_.empty() && may_offer();
  const bool silent = (free_to_send && expected_.empty()) || stream_.is_sending();
  if (silent && settings.idle_timeout.count() > 0 && time - last_active_ > settings.idle_timeout)
    return close("idle");
  if (free_to_send && reader_.in_frame() && settings.frame_timeout.count() > 0 &&
      time - frame_begun_ > settings.frame_timeout)
    close("frame_timeout");
}

}  // namespace causeway::connectors::mllp
