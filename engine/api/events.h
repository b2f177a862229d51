// Live changes, told to whoever listens at /api/events (server-sent events, WHATWG HTML 9.2). Each
// event names a channel or folder, and a listener hears those that his grants cover. An event says
// that something changed; what it is now is asked for by its own route. No content of messages.
//
// Thread-safe. `publish` never waits: a listener who reads too slowly is told that he missed some.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <string>

#include "engine/api/exchange.h"
#include "engine/core/ids.h"

namespace causeway::api {

class Events {
 public:
  static constexpr std::size_t listeners_max = 8;
  static constexpr std::size_t waiting_max = 256;          ///< Events of one listener not yet sent.
  static constexpr auto quiet_max = Milliseconds(10'000);  ///< Then a comment shows that we live.

  struct Event {
    std::string type;     ///< "deployment.changed"
    std::string channel;  ///< Its path, or a folder; "" is about the installation.
    std::string data;     ///< A JSON object.
  };
  /// Whether a listener may know of something in this channel.
  using Sees = std::function<bool(const std::string& channel)>;

  void publish(Event event);
  /// A reply whose stream lasts as long as its reader. Limit: there are `listeners_max` already.
  Result<Reply> listen(Sees sees);

 private:
  struct Listener {
    Sees sees;
    std::deque<std::string> waiting;
    bool missed = false;
  };
  void feed(Listener& listener, Stream& stream);

  std::atomic<std::size_t> count_{0};  ///< So that nobody's listening costs nothing.
  std::mutex mutex_;
  std::condition_variable came_;
  std::list<Listener> listeners_;  // guarded by mutex_
};

}  // namespace causeway::api
