#include "tools/load/sockets.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace load {
namespace {

addrinfo* look_up(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  if (int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
    fail(host + ":" + port + ": " + ::gai_strerror(error));
  return found;
}

}  // namespace

void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

int connect_to(const std::string& host, const std::string& port) {
  auto* address = look_up(host, port, 0);
  int socket = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool connected = ::connect(socket, address->ai_addr, address->ai_addrlen) == 0;
  ::freeaddrinfo(address);
  if (!connected) {
    ::close(socket);
    return -1;
  }
  int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket, F_SETFL, O_NONBLOCK);
  return socket;
}

int listen_on(const std::string& host, int port) {
  auto* address = look_up(host, std::to_string(port), AI_PASSIVE);
  int socket = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket, address->ai_addr, address->ai_addrlen) != 0 || ::listen(socket, 1024) != 0)
    fail("can't listen on " + host + ":" + std::to_string(port) + ": " + std::strerror(errno));
  ::freeaddrinfo(address);
  return socket;
}

int port_of(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);  // the same place in IPv6
}

}  // namespace load
