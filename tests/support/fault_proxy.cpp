#include "tests/support/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace causeway::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool send_all(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const auto sent = ::send(fd, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

std::size_t at(FaultProxy::Way way) {
  return static_cast<std::size_t>(way);
}

}  // namespace

struct FaultProxy::Pipe {
  int client = -1;
  int server = -1;
  bool ended[2] = {false, false};
  int from(Way way) const { return way == Way::ToServer ? client : server; }
  int to(Way way) const { return way == Way::ToServer ? server : client; }
};

FaultProxy::FaultProxy(std::uint16_t server_port) : server_port_(server_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("fault proxy: can't listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

FaultProxy::~FaultProxy() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  ::eventfd_write(wake_, 1);
  thread_.join();
  for (auto& pipe : pipes_) cut(pipe);
  ::close(listener_);
  ::close(wake_);
}

void FaultProxy::slice(std::size_t bytes, std::chrono::milliseconds pause) {
  std::lock_guard lock(mutex_);
  slice_ = bytes;
  pause_ = pause;
}

void FaultProxy::cut_after(Way way, std::size_t bytes) {
  std::lock_guard lock(mutex_);
  allowed_[at(way)] = bytes;
}

void FaultProxy::hold_back(Way way, bool held) {
  std::lock_guard lock(mutex_);
  held_[at(way)] = held;
  ::eventfd_write(wake_, 1);
}

void FaultProxy::cut_all() {
  std::lock_guard lock(mutex_);
  cut_all_ = true;
  ::eventfd_write(wake_, 1);
}

std::size_t FaultProxy::passed(Way way) const {
  std::lock_guard lock(mutex_);
  return passed_[at(way)];
}

void FaultProxy::run() {
  for (;;) {
    std::vector<pollfd> waits{{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
    {
      std::lock_guard lock(mutex_);
      if (stopped_) return;
      if (std::exchange(cut_all_, false))
        for (auto& pipe : pipes_) cut(pipe);
      pipes_.remove_if([](const Pipe& pipe) { return pipe.client < 0; });
      for (const auto& pipe : pipes_)
        for (auto way : {Way::ToServer, Way::ToClient})
          waits.push_back({held_[at(way)] || pipe.ended[at(way)] ? -1 : pipe.from(way), POLLIN, 0});
    }
    ::poll(waits.data(), waits.size(), 1000);
    eventfd_t ignored = 0;
    ::eventfd_read(wake_, &ignored);
    std::size_t next = 2;
    for (auto& pipe : pipes_) {
      bool good = true;
      for (auto way : {Way::ToServer, Way::ToClient}) {
        const bool readable = waits[next++].revents != 0;
        if (good && readable) good = forward(pipe, way);
      }
      if (!good) cut(pipe);
    }
    if (waits[0].revents != 0) accept_one();
  }
}

void FaultProxy::accept_one() {
  Pipe pipe;
  pipe.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  pipe.server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  for (int fd : {pipe.client, pipe.server})
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto address = loopback(server_port_);
  if (::connect(pipe.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return cut(pipe);
  pipes_.push_back(pipe);
}

/// False: both ends are to be cut.
bool FaultProxy::forward(Pipe& pipe, Way way) {
  std::array<char, 64 * 1024> buffer;
  std::size_t most = buffer.size();
  std::chrono::milliseconds pause{};
  bool cut_now = false;
  {
    std::lock_guard lock(mutex_);
    if (held_[at(way)]) return true;
    if (slice_ > 0) most = std::min(most, slice_);
    if (allowed_[at(way)]) most = std::min(most, *allowed_[at(way)]);
    pause = pause_;
    cut_now = most == 0;
  }
  if (cut_now) return false;
  const auto got = ::recv(pipe.from(way), buffer.data(), most, 0);
  if (got < 0) return false;
  if (got == 0) {
    pipe.ended[at(way)] = true;
    ::shutdown(pipe.to(way), SHUT_WR);
    return !(pipe.ended[0] && pipe.ended[1]);
  }
  const auto size = static_cast<std::size_t>(got);
  if (!send_all(pipe.to(way), buffer.data(), size)) return false;
  if (pause.count() > 0) std::this_thread::sleep_for(pause);
  std::lock_guard lock(mutex_);
  passed_[at(way)] += size;
  if (!allowed_[at(way)]) return true;
  *allowed_[at(way)] -= size;
  return *allowed_[at(way)] > 0;
}

void FaultProxy::cut(Pipe& pipe) {
  const linger at_once{1, 0};
  for (int* fd : {&pipe.client, &pipe.server}) {
    if (*fd < 0) continue;
    ::setsockopt(*fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(*fd);
    *fd = -1;
  }
}

}  // namespace causeway::testing
