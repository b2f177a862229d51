// TCP sockets without blocking: owning a descriptor, listening, and what is set on every
// connection. Values; no thread rule.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::connectors {

/// Owns a descriptor; closes it.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void close();

 private:
  int fd_ = -1;
};

/// An IPv4 or IPv6 address with port, as the kernel wants it.
class SocketAddress {
 public:
  SocketAddress() = default;
  SocketAddress(const void* bytes, std::size_t size);

  /// Reads a numeric address; Invalid for a name.
  static Result<SocketAddress> numeric(const std::string& host, std::uint16_t port);
  static SocketAddress local_of(int fd);

  const void* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  int family() const;
  std::uint16_t port() const;
  std::string str() const;  ///< "192.0.2.7:6661", "[2001:db8::1]:6661"

 private:
  std::string bytes_;  // a sockaddr_in or sockaddr_in6
};

/// "host:port", with brackets around an IPv6 address.
std::string host_and_port(const std::string& host, std::uint16_t port);

/// Binds and listens, without blocking. IPv6 addresses take IPv6 alone, except "::", which takes
/// both. Errors: Conflict (address in use), NotPermitted, Unavailable; place "host:port".
Result<Socket> listen_on(const SocketAddress& address);

/// Begins to connect; it has come about or failed when the socket is writable (`connect_error`).
Result<Socket> begin_connect(const SocketAddress& address);
/// 0: connected; else the errno.
int connect_error(const Socket& socket);

/// No delay (Nagle), and keep-alive probes that find a dead peer within about a minute.
void set_connection_options(const Socket& socket);

}  // namespace causeway::connectors
