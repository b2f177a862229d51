// Connections for everything but the journal's writers: lent for a moment, kept for the next.
// Thread-safe: one mutex, never held across I/O. At most `connections_max` are lent at once; who
// comes later waits, up to `lend_patience` (Unavailable).
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "engine/store/postgres/connection.h"

namespace causeway::store {

class ConnectionPool {
 public:
  static constexpr std::size_t connections_max = 8;
  static constexpr auto lend_patience = std::chrono::seconds(30);

  /// A connection on loan; goes back by itself (or is closed, if it broke).
  class Loan {
   public:
    Loan(ConnectionPool& pool, Connection connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Loan(Loan&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan();
    Connection& operator*() { return connection_; }
    Connection* operator->() { return &connection_; }

   private:
    ConnectionPool* pool_;
    Connection connection_;
  };

  explicit ConnectionPool(Target target) : target_(std::move(target)) {}

  Result<Loan> lend();
  /// One statement. Asked again on a new connection if an idle one turns out to be dead, so it must
  /// be one that may run twice.
  Result<Rows> query(const char* sql, const Params& params = {});

 private:
  void give_back(Connection connection);
  Result<Connection> idle_or_new();

  const Target target_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Connection> idle_;  // guarded by mutex_
  std::size_t lent_ = 0;          // guarded by mutex_
};

}  // namespace causeway::store
