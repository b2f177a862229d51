// The other end of a connection in tests: plain blocking sockets on loopback, with TLS if wanted,
// written apart from the product's own. Every wait is bounded. Used by one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace causeway::testing {

/// Files as made by TestCertificates. Empty: none.
struct PeerTls {
  std::string certificate_file, key_file, ca_file;
  bool demand_certificate = false;  ///< As a server.
};

class TcpPeer {
 public:
  static constexpr std::chrono::milliseconds patience{10'000};

  /// Throws if there is no connection, or TLS doesn't come about.
  static std::unique_ptr<TcpPeer> connect(std::uint16_t port, const PeerTls* tls = nullptr);
  TcpPeer(int fd, const PeerTls* tls, bool as_server);
  ~TcpPeer();
  TcpPeer(const TcpPeer&) = delete;

  bool send(std::string_view bytes);  ///< False: the connection is gone.
  /// Some bytes; empty when none came in time or the other end has closed (then `ended`).
  std::string receive(std::chrono::milliseconds wait = patience);
  bool ended() const { return ended_; }
  void finish_sending();  ///< The other end reads an end of stream.
  void close();
  void reset();  ///< Closes with a TCP reset.

 private:
  struct Tls;
  int fd_;
  std::unique_ptr<Tls> tls_;
  bool ended_ = false;
};

/// Listens on a free port of 127.0.0.1.
class TcpServer {
 public:
  explicit TcpServer(PeerTls tls = {});
  ~TcpServer();
  TcpServer(const TcpServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// nullptr: nobody came in time, or TLS didn't come about.
  std::unique_ptr<TcpPeer> accept(std::chrono::milliseconds wait = TcpPeer::patience);
  void close();  ///< Connections are refused from now on.

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
  PeerTls tls_;
};

/// A port of 127.0.0.1 that nobody listens on.
std::uint16_t unused_port();

}  // namespace causeway::testing
