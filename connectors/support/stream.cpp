#include "connectors/support/stream.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace causeway::connectors {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr int tls_reads_per_wake = 4;  // of 16 KiB each: about as much as one plain read
constexpr std::size_t pieces_per_write = 64;
constexpr std::size_t tls_record_bytes = 16 * 1024;

// OpenSSL, not reading ahead, takes one record at a time from the socket. Since a read has room for
// all of it, nothing stays behind that the socket wouldn't announce.
static_assert(read_bytes >= tls_record_bytes);

/// One for all streams of a thread: what was read is handed to the owner before the next read.
char* read_buffer() {
  thread_local auto buffer = std::make_unique<char[]>(read_bytes);
  return buffer.get();
}

bool would_block(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

}  // namespace

Stream::Stream(EventLoop& loop, Socket socket, std::shared_ptr<const TlsContext> tls, Owner& owner)
    : loop_(loop), socket_(std::move(socket)), tls_context_(std::move(tls)), owner_(owner) {
  set_connection_options(socket_);
}

Stream::~Stream() {
  close();
}

void Stream::open() {
  if (!tls_context_) {
    update_interest();
    return owner_.on_open();
  }
  tls_ = std::make_unique<TlsSession>(tls_context_, socket_.fd());
  shaking_hands_ = true;
  continue_handshake();
}

void Stream::close() {
  if (!socket_) return;
  if (tls_ && !shaking_hands_ && !is_sending()) tls_->close_notify();
  loop_.forget(socket_.fd());
  socket_.close();
}

void Stream::read_on(bool wanted) {
  if (!socket_ || reading_ == wanted) return;
  reading_ = wanted;
  update_interest();
}

bool Stream::is_quiet() {
  if (!socket_ || peer_ended_) return false;
  char byte = 0;
  if (tls_) {
    const auto step = tls_->read(&byte, 1);
    return step.bytes == 0 && !step.ended && step.failure.empty();
  }
  return ::recv(socket_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && would_block(errno);
}

void Stream::queue(std::string_view bytes, Bytes owner) {
  if (bytes.empty()) return;
  pieces_.push_back({bytes, std::move(owner)});
  queued_ += bytes.size();
}

bool Stream::flush() {
  if (!socket_) return false;
  if (shaking_hands_) return true;
  write_wants_read_ = false;
  if (!(tls_ ? write_tls() : write_plain())) return false;
  update_interest();
  return true;
}

bool Stream::write_plain() {
  while (first_ < pieces_.size()) {
    std::array<iovec, pieces_per_write> parts;
    const auto count = std::min(pieces_.size() - first_, parts.size());
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& bytes = pieces_[first_ + i].bytes;
      parts[i] = {const_cast<char*>(bytes.data()), bytes.size()};
      size += bytes.size();
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const auto sent = ::sendmsg(socket_.fd(), &message, MSG_NOSIGNAL);
    if (sent < 0) return would_block(errno) || fail(std::strerror(errno), false);
    took(static_cast<std::size_t>(sent));
    if (static_cast<std::size_t>(sent) < size) return true;
  }
  return true;
}

/// Small pieces are put together, so that a message isn't three records.
bool Stream::write_tls() {
  std::array<char, tls_record_bytes> record;
  while (first_ < pieces_.size()) {
    std::size_t size = 0;
    for (auto i = first_; i < pieces_.size() && size < record.size(); ++i)
      size += pieces_[i].bytes.copy(record.data() + size, record.size() - size);
    const auto step = tls_->write(record.data(), size);
    if (!step.failure.empty()) return fail(step.failure, step.handshake_refused);
    if (step.ended) return fail("TLS: closed by the peer", false);
    took(step.bytes);
    if (step.want != TlsSession::Want::Nothing) {
      write_wants_read_ = step.want == TlsSession::Want::Read;
      return true;
    }
  }
  return true;
}

void Stream::took(std::size_t bytes) {
  handed_ += bytes;
  while (bytes > 0) {
    auto& piece = pieces_[first_];
    const auto part = std::min(bytes, piece.bytes.size());
    piece.bytes.remove_prefix(part);
    bytes -= part;
    if (piece.bytes.empty()) {
      piece.owner.reset();
      ++first_;
    }
  }
  if (first_ == pieces_.size()) {
    pieces_.clear();
    first_ = 0;
  }
}

void Stream::ready(bool, bool writable) {
  if (shaking_hands_) return continue_handshake();
  if (is_sending() && (writable || write_wants_read_)) {
    const auto before = handed_;
    if (!flush()) return owner_.on_failure(failure_);
    if (handed_ != before) owner_.on_progress();
    if (!socket_) return;
  }
  if (reading_ && !peer_ended_) read_some();
}

void Stream::continue_handshake() {
  const auto step = tls_->handshake();
  if (!step.failure.empty()) return fail_and_tell(step.failure, true);
  handshake_wants_ = step.want;
  shaking_hands_ = step.want != TlsSession::Want::Nothing;
  update_interest();
  if (shaking_hands_) return;
  owner_.on_open();
  if (!socket_) return;
  if (!flush()) owner_.on_failure(failure_);
}

void Stream::read_some() {
  if (!tls_) {
    read_once();
    return;
  }
  for (int i = 0; i < tls_reads_per_wake; ++i)
    if (!read_once()) return;
}

/// True if there may be more to read at once.
bool Stream::read_once() {
  TlsSession::Step step;
  if (tls_) {
    step = tls_->read(read_buffer(), read_bytes);
    read_wants_write_ = step.want == TlsSession::Want::Write;
  } else {
    const auto got = ::recv(socket_.fd(), read_buffer(), read_bytes, 0);
    if (got > 0) step.bytes = static_cast<std::size_t>(got);
    step.ended = got == 0;
    if (got < 0 && !would_block(errno)) step.failure = std::strerror(errno);
  }
  if (!step.failure.empty()) {
    fail_and_tell(step.failure, step.handshake_refused);
    return false;
  }
  if (step.ended) {
    peer_ended_ = true;
    update_interest();
    owner_.on_peer_end();
    return false;
  }
  if (step.bytes == 0) {
    update_interest();
    return false;
  }
  owner_.on_bytes({read_buffer(), step.bytes});
  return socket_ && reading_;
}

bool Stream::fail(std::string text, bool in_handshake) {
  failure_ = {std::move(text), in_handshake};
  close();
  return false;
}

void Stream::fail_and_tell(std::string text, bool in_handshake) {
  fail(std::move(text), in_handshake);
  owner_.on_failure(failure_);
}

void Stream::update_interest() {
  if (!socket_) return;
  if (shaking_hands_)
    return loop_.watch(socket_.fd(), *this, handshake_wants_ == TlsSession::Want::Read,
                       handshake_wants_ == TlsSession::Want::Write);
  const bool read = (reading_ && !peer_ended_) || write_wants_read_;
  const bool write = (is_sending() && !write_wants_read_) || read_wants_write_;
  loop_.watch(socket_.fd(), *this, read, write);
}

}  // namespace causeway::connectors
