#include "connectors/support/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace causeway::connectors {
namespace {

constexpr int backlog = 1024;
constexpr int keepalive_idle_s = 30;
constexpr int keepalive_interval_s = 10;
constexpr int keepalive_probes = 3;

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);  // at worst the default holds
}

const sockaddr* as_sockaddr(const SocketAddress& address) {
  return static_cast<const sockaddr*>(address.data());
}

Error listen_error(const SocketAddress& address, int code) {
  auto kind = ErrorKind::Unavailable;
  std::string text = std::string("can't listen: ") + std::strerror(code);
  if (code == EADDRINUSE) {
    kind = ErrorKind::Conflict;
    text = "can't listen: another program or channel listens here";
  } else if (code == EACCES || code == EPERM) {
    kind = ErrorKind::NotPermitted;
    text = "can't listen: not permitted (a port below 1024?)";
  } else if (code == EADDRNOTAVAIL) {
    text = "can't listen: this machine has no such address";
  }
  return Error{kind, address.str(), text};
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Socket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

SocketAddress::SocketAddress(const void* bytes, std::size_t size)
    : bytes_(static_cast<const char*>(bytes), size) {}

Result<SocketAddress> SocketAddress::numeric(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    return Error{ErrorKind::Invalid, host, "no numeric IPv4 or IPv6 address"};
  SocketAddress address(found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return address;
}

SocketAddress SocketAddress::local_of(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return SocketAddress(&storage, size);
}

int SocketAddress::family() const {
  return bytes_.empty() ? AF_UNSPEC : as_sockaddr(*this)->sa_family;
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(static_cast<const sockaddr_in*>(data())->sin_port);
  if (family() == AF_INET6) return ntohs(static_cast<const sockaddr_in6*>(data())->sin6_port);
  return 0;
}

std::string SocketAddress::str() const {
  std::array<char, NI_MAXHOST> host{};
  if (bytes_.empty() || ::getnameinfo(as_sockaddr(*this), static_cast<socklen_t>(size()),
                                      host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0)
    return "unknown";
  return host_and_port(host.data(), port());
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Socket> listen_on(const SocketAddress& address) {
  Socket socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return listen_error(address, errno);
  set_option(socket.fd(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.family() == AF_INET6) {
    const auto& any = static_cast<const sockaddr_in6*>(address.data())->sin6_addr;
    set_option(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, IN6_IS_ADDR_UNSPECIFIED(&any) ? 0 : 1);
  }
  if (::bind(socket.fd(), as_sockaddr(address), static_cast<socklen_t>(address.size())) != 0 ||
      ::listen(socket.fd(), backlog) != 0)
    return listen_error(address, errno);
  return socket;
}

Result<Socket> begin_connect(const SocketAddress& address) {
  Socket socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket)
    return Error{ErrorKind::Unavailable, address.str(),
                 std::string("socket: ") + std::strerror(errno)};
  if (::connect(socket.fd(), as_sockaddr(address), static_cast<socklen_t>(address.size())) != 0 &&
      errno != EINPROGRESS)
    return Error{ErrorKind::Unavailable, address.str(),
                 std::string("connect: ") + std::strerror(errno)};
  return socket;
}

int connect_error(const Socket& socket) {
  int code = 0;
  socklen_t size = sizeof code;
  return ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno;
}

void set_connection_options(const Socket& socket) {
  set_option(socket.fd(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket.fd(), SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket.fd(), IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_s);
  set_option(socket.fd(), IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
  set_option(socket.fd(), IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
}

}  // namespace causeway::connectors
