// Ends connections that take too long: a peer that sends its request, or reads its answer, a byte
// at a time would otherwise hold a thread for as long as it likes. Thread-safe; has a thread.
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "engine/core/ids.h"

namespace causeway::api {

class ConnectionWatch {
 private:
  struct Watched {
    int fd = -1;  ///< A duplicate: it stays this connection's until it is taken off.
    SteadyTime until;
  };
  using Place = std::list<Watched>::iterator;

 public:
  /// One connection under watch, for as long as this lives; then the socket's owner closes it.
  class Guard {
   public:
    Guard(ConnectionWatch& watch, int socket);
    ~Guard();
    Guard(const Guard&) = delete;
    /// From now on, it has so long for what it does.
    void allow(Milliseconds patience);

   private:
    ConnectionWatch& watch_;
    Place place_;
  };

  static constexpr auto look_every = Milliseconds(500);
  /// For a request to be there whole, from the connection's begin or the last answer.
  static constexpr auto request_patience = Milliseconds(30'000);
  /// For a handler to work, and for its answer to be read.
  static constexpr auto answer_patience = Milliseconds(600'000);

  ConnectionWatch();
  ~ConnectionWatch();
  /// Ends every connection, and those to come.
  void end_all();

 private:
  void look();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::list<Watched> watched_;  // guarded by mutex_
  bool ending_ = false;         // guarded by mutex_
  bool stopping_ = false;       // guarded by mutex_
  std::thread thread_;
};

}  // namespace causeway::api
