#include "engine/api/connection_watch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace causeway::api {

using std::chrono::steady_clock;

ConnectionWatch::ConnectionWatch() : thread_([this] { look(); }) {}

ConnectionWatch::~ConnectionWatch() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

ConnectionWatch::Guard::Guard(ConnectionWatch& watch, int socket) : watch_(watch) {
  const int duplicate = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  std::lock_guard lock(watch_.mutex_);
  place_ = watch_.watched_.insert(watch_.watched_.end(),
                                  {duplicate, steady_clock::now() + request_patience});
  if (watch_.ending_) ::shutdown(duplicate, SHUT_RDWR);
}

ConnectionWatch::Guard::~Guard() {
  std::lock_guard lock(watch_.mutex_);
  ::close(place_->fd);
  watch_.watched_.erase(place_);
}

void ConnectionWatch::Guard::allow(Milliseconds patience) {
  std::lock_guard lock(watch_.mutex_);
  place_->until = steady_clock::now() + patience;
}

void ConnectionWatch::end_all() {
  std::lock_guard lock(mutex_);
  ending_ = true;
  for (const auto& each : watched_) ::shutdown(each.fd, SHUT_RDWR);
}

void ConnectionWatch::look() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, look_every, [this] { return stopping_; })) {
    const auto now = steady_clock::now();
    for (const auto& each : watched_)
      if (each.until < now) ::shutdown(each.fd, SHUT_RDWR);
  }
}

}  // namespace causeway::api
