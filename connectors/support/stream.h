// One TCP connection on the event loop, plain or TLS: bytes in, bytes out, and its end.
//
// Used on the loop's thread alone. A callback to the owner may close the stream, but must not
// destroy it. Bytes to send are queued by reference and leave with `flush`, as many as possible in
// one call to the kernel. `handed` counts what the kernel has taken (of TLS: whole records), so
// that the owner can tell what can't have reached the peer.
#pragma once

#include "connectors/support/event_loop.h"
#include "connectors/support/socket.h"
#include "connectors/support/tls.h"
#include "engine/core/body.h"

namespace causeway::connectors {

class Stream final : private EventLoop::Handler {
 public:
  /// Why a connection broke.
  struct Failure {
    std::string text;
    bool in_handshake = false;  ///< TLS never came about: the peer has read nothing.
  };

  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_open() = 0;  ///< TLS stands; for plain connections, at once from `open`.
    virtual void on_bytes(std::string_view bytes) = 0;
    virtual void on_progress() = 0;  ///< The kernel has taken more, later than in `flush`.
    virtual void on_peer_end() = 0;  ///< The peer sends no more; it may still read.
    virtual void on_failure(const Failure& failure) = 0;  ///< The stream is closed.
  };

  /// Without `tls`: plain.
  Stream(EventLoop& loop, Socket socket, std::shared_ptr<const TlsContext> tls, Owner& owner);
  ~Stream() override;

  void open();  ///< Begins; call once.
  void close();
  bool is_open() const { return static_cast<bool>(socket_); }

  /// Whether bytes are wanted; not from the start.
  void read_on(bool wanted);
  /// False if the peer closed, or sent what wasn't read yet.
  bool is_quiet();

  /// `bytes` lies in `owner`, or is constant.
  void queue(std::string_view bytes, Bytes owner = {});
  /// False: it failed and is closed; the text is in `failure`.
  bool flush();
  const Failure& failure() const { return failure_; }
  std::uint64_t queued() const { return queued_; }  ///< Bytes, since the beginning.
  std::uint64_t handed() const { return handed_; }
  bool is_sending() const { return queued_ != handed_; }

  std::string peer_name() const { return tls_ ? tls_->peer_name() : std::string(); }

 private:
  struct Piece {
    std::string_view bytes;
    Bytes owner;
  };

  void ready(bool readable, bool writable) override;
  void continue_handshake();
  void read_some();
  bool read_once();
  bool write_plain();
  bool write_tls();
  void took(std::size_t bytes);
  bool fail(std::string text, bool in_handshake);
  void fail_and_tell(std::string text, bool in_handshake);
  void update_interest();

  EventLoop& loop_;
  Socket socket_;
  std::shared_ptr<const TlsContext> tls_context_;
  std::unique_ptr<TlsSession> tls_;
  Owner& owner_;
  bool shaking_hands_ = false;
  bool reading_ = false;
  bool peer_ended_ = false;
  TlsSession::Want handshake_wants_ = TlsSession::Want::Nothing;
  bool write_wants_read_ = false;
  bool read_wants_write_ = false;
  std::vector<Piece> pieces_;  // from first_ on
  std::size_t first_ = 0;
  std::uint64_t queued_ = 0;
  std::uint64_t handed_ = 0;
  Failure failure_;
};

}  // namespace causeway::connectors
