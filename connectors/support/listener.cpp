#include "connectors/support/listener.h"

#include <sys/socket.h>

#include <cerrno>

namespace causeway::connectors {
namespace {

constexpr int accepts_per_wake = 64;  // others on the loop want their turn, too
constexpr Milliseconds rest_time{100};

}  // namespace

Listener::Listener(EventLoop& loop, Socket socket, OnConnection on_connection)
    : loop_(loop), socket_(std::move(socket)), on_connection_(std::move(on_connection)) {
  loop_.watch(socket_.fd(), *this, true, false);
}

Listener::~Listener() {
  close();
}

void Listener::close() {
  loop_.cancel(resting_);
  loop_.forget(socket_.fd());
  socket_.close();
}

Socket Listener::release() {
  loop_.cancel(resting_);
  loop_.forget(socket_.fd());
  return std::move(socket_);
}

void Listener::ready(bool, bool) {
  for (int i = 0; i < accepts_per_wake && socket_; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    Socket connection(::accept4(socket_.fd(), reinterpret_cast<sockaddr*>(&peer), &size,
                                SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection) {
      on_connection_(std::move(connection), SocketAddress(&peer, size));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return rest();
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    // Anything else is about one connection that is gone already: on to the next.
  }
}

void Listener::rest() {
  loop_.watch(socket_.fd(), *this, false, false);
  resting_ = loop_.after(rest_time, [this] { loop_.watch(socket_.fd(), *this, true, false); });
}

}  // namespace causeway::connectors
