#include "engine/store/postgres/connection_pool.h"

namespace causeway::store {

ConnectionPool::Loan::~Loan() {
  if (pool_ != nullptr) pool_->give_back(std::move(connection_));
}

void ConnectionPool::give_back(Connection connection) {
  std::lock_guard lock(mutex_);
  --lent_;
  if (connection.usable()) idle_.push_back(std::move(connection));
  returned_.notify_one();
}

Result<Connection> ConnectionPool::idle_or_new() {
  {
    std::unique_lock lock(mutex_);
    if (!returned_.wait_for(lock, lend_patience, [this] { return lent_ < connections_max; }))
      return Error{ErrorKind::Unavailable, "database", "all connections are in use"};
    ++lent_;
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  auto opened = Connection::open(target_);
  if (!opened) {
    std::lock_guard lock(mutex_);
    --lent_;
    returned_.notify_one();
  }
  return opened;
}

Result<ConnectionPool::Loan> ConnectionPool::lend() {
  auto connection = idle_or_new();
  if (!connection) return connection.error();
  return Loan(*this, std::move(*connection));
}

Result<Rows> ConnectionPool::query(const char* sql, const Params& params) {
  // After a restart of the server all that lie idle are dead.
  for (std::size_t tries = 0;; ++tries) {
    auto loan = lend();
    if (!loan) return loan.error();
    auto rows = (*loan)->query(sql, params);
    if (rows || (*loan)->usable() || tries == connections_max) return rows;
  }
}

}  // namespace causeway::store
