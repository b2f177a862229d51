#include "connectors/support/dial.h"

#include <cstring>

namespace causeway::connectors {

Dial::Dial(EventLoop& loop, Target target, OnDone on_done)
    : loop_(loop),
      target_(std::move(target)),
      on_done_(std::move(on_done)),
      deadline_(std::chrono::steady_clock::now() + target_.timeout),
      last_error_{ErrorKind::TimedOut, place(), "no connection in time"} {
  timer_ = loop_.after(target_.timeout, [this] {
    finish(Error{ErrorKind::TimedOut, place(), "host name not found in time"});
  });
  lookup_ = std::make_unique<Lookup>(
      loop_, target_.host, target_.port, [this](Result<std::vector<SocketAddress>> found) {
        if (!found) return finish(Error{found.error().kind, place(), found.error().text});
        addresses_ = std::move(*found);
        try_next();
      });
}

Dial::~Dial() {
  loop_.cancel(timer_);
  loop_.forget(socket_.fd());
}

/// Each address gets an equal part of the time that is left, so that a dead first one doesn't use
/// it up.
void Dial::try_next() {
  loop_.forget(socket_.fd());
  loop_.cancel(timer_);
  const auto left = deadline_ - std::chrono::steady_clock::now();
  if (next_ == addresses_.size() || left <= Milliseconds(0)) return finish(last_error_);
  const auto share = left / static_cast<std::int64_t>(addresses_.size() - next_);
  timer_ = loop_.after(std::chrono::ceil<Milliseconds>(share), [this] {
    last_error_ = Error{ErrorKind::TimedOut, place(), "no connection in time"};
    try_next();
  });
  auto begun = begin_connect(addresses_[next_++]);
  if (!begun) return failed(begun.error().text);
  socket_ = std::move(*begun);
  loop_.watch(socket_.fd(), *this, false, true);
}

void Dial::ready(bool, bool) {
  const int code = connect_error(socket_);
  if (code != 0) return failed(std::string("can't connect: ") + std::strerror(code));
  loop_.forget(socket_.fd());
  finish(std::move(socket_));
}

void Dial::failed(std::string text) {
  last_error_ = Error{ErrorKind::Unavailable, place(), std::move(text)};
  try_next();
}

void Dial::finish(Result<Socket> result) {
  loop_.cancel(timer_);
  lookup_.reset();
  const auto on_done = std::move(on_done_);
  on_done(std::move(result));
}

}  // namespace causeway::connectors
