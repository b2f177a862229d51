#include "tests/support/tcp_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <stdexcept>

namespace causeway::testing {
namespace {

using Milliseconds = std::chrono::milliseconds;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("test peer: ") + what);
}

bool wait_readable(int fd, Milliseconds wait) {
  pollfd poll_fd{fd, POLLIN, 0};
  return ::poll(&poll_fd, 1, static_cast<int>(wait.count())) > 0;
}

void set_timeouts(int fd, Milliseconds wait) {
  const timeval time{static_cast<time_t>(wait.count() / 1000), (wait.count() % 1000) * 1000};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

/// OpenSSL writes without MSG_NOSIGNAL.
void ignore_broken_pipes() {
  static const bool done = std::signal(SIGPIPE, SIG_IGN) != SIG_ERR;
  require(done, "SIGPIPE");
}

}  // namespace

struct TcpPeer::Tls {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};

  Tls(int fd, const PeerTls& settings, bool as_server)
      : context(SSL_CTX_new(TLS_method()), &SSL_CTX_free) {
    auto* c = context.get();
    if (!settings.certificate_file.empty()) {
      require(SSL_CTX_use_certificate_chain_file(c, settings.certificate_file.c_str()) == 1,
              "certificate");
      require(SSL_CTX_use_PrivateKey_file(c, settings.key_file.c_str(), SSL_FILETYPE_PEM) == 1,
              "key");
    }
    if (!settings.ca_file.empty())
      require(SSL_CTX_load_verify_locations(c, settings.ca_file.c_str(), nullptr) == 1, "CA");
    if (!as_server || settings.demand_certificate)
      SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    ssl.reset(SSL_new(c));
    SSL_set_fd(ssl.get(), fd);
    const int shaken = as_server ? SSL_accept(ssl.get()) : SSL_connect(ssl.get());
    ERR_clear_error();
    require(shaken == 1, "TLS handshake failed");
  }
};

std::unique_ptr<TcpPeer> TcpPeer::connect(std::uint16_t port, const PeerTls* tls) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    throw std::runtime_error("test peer: connection refused");
  }
  return std::make_unique<TcpPeer>(fd, tls, false);
}

TcpPeer::TcpPeer(int fd, const PeerTls* tls, bool as_server) : fd_(fd) {
  ignore_broken_pipes();
  set_timeouts(fd, patience);
  try {
    if (tls) tls_ = std::make_unique<Tls>(fd, *tls, as_server);
  } catch (...) {
    ::close(fd);
    throw;
  }
}

TcpPeer::~TcpPeer() {
  close();
}

bool TcpPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = tls_
                          ? SSL_write(tls_->ssl.get(), bytes.data(), static_cast<int>(bytes.size()))
                          : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ERR_clear_error();
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string TcpPeer::receive(Milliseconds wait) {
  if (fd_ < 0 || ended_) return {};
  if (!(tls_ && SSL_has_pending(tls_->ssl.get())) && !wait_readable(fd_, wait)) return {};
  std::array<char, 64 * 1024> buffer;
  set_timeouts(fd_, std::max(wait, Milliseconds(1)));
  const auto got = tls_ ? SSL_read(tls_->ssl.get(), buffer.data(), static_cast<int>(buffer.size()))
                        : ::recv(fd_, buffer.data(), buffer.size(), 0);
  set_timeouts(fd_, patience);
  if (got > 0) return {buffer.data(), static_cast<std::size_t>(got)};
  ended_ = !tls_ || SSL_get_error(tls_->ssl.get(), static_cast<int>(got)) != SSL_ERROR_WANT_READ;
  ERR_clear_error();
  return {};
}

void TcpPeer::finish_sending() {
  if (tls_) SSL_shutdown(tls_->ssl.get());
  ::shutdown(fd_, SHUT_WR);
}

void TcpPeer::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  ended_ = true;
}

void TcpPeer::reset() {
  const linger at_once{1, 0};
  if (fd_ >= 0) ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

TcpServer::TcpServer(PeerTls tls) : tls_(std::move(tls)) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  require(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0, "bind");
  require(::listen(fd_, 64) == 0, "listen");
  require(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
}

TcpServer::~TcpServer() {
  close();
}

std::unique_ptr<TcpPeer> TcpServer::accept(Milliseconds wait) {
  if (!wait_readable(fd_, wait)) return nullptr;
  const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  try {
    return std::make_unique<TcpPeer>(fd, tls_.certificate_file.empty() ? nullptr : &tls_, true);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

void TcpServer::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::uint16_t unused_port() {
  return TcpServer().port();
}

}  // namespace causeway::testing
