#include "engine/store/lease.h"

namespace causeway::store {
namespace {

// One statement: who finds the row free has it. Epochs are unique, so that of two nodes that take
// the same number one fails, and tries again.
constexpr const char* acquire_sql =
    "INSERT INTO lease AS l (node, epoch, holder, until)"
    " VALUES ($1, (SELECT coalesce(max(epoch), 0) + 1 FROM lease), $2,"
    "         clock_timestamp() + $3::bigint * interval '1 ms')"
    " ON CONFLICT (node) DO UPDATE SET epoch = excluded.epoch, holder = excluded.holder,"
    "  until = excluded.until"
    " WHERE l.holder = excluded.holder OR l.until + $4::bigint * interval '1 ms' < "
    "clock_timestamp()"
    " RETURNING epoch";

constexpr const char* who_sql =
    "SELECT holder, to_char(until, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM lease WHERE node = $1";

constexpr const char* renew_sql =
    "UPDATE lease SET until = clock_timestamp() + $3::bigint * interval '1 ms'"
    " WHERE node = $1 AND epoch = $2";

constexpr const char* release_sql =
    "UPDATE lease SET until = '-infinity' WHERE node = $1 AND epoch = $2";

// Transactions of this node's connections that began before the epoch was raised.
constexpr const char* earlier_sql =
    "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()"
    " AND datname = current_database() AND xact_start IS NOT NULL AND xact_start <= "
    "$2::text::timestamptz";

constexpr const char* end_earlier_sql =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1"
    " AND pid <> pg_backend_pid() AND datname = current_database() AND xact_start IS NOT NULL"
    " AND xact_start <= $2::text::timestamptz";

constexpr auto retry_pause = Milliseconds(100);
constexpr auto drain_pause = Milliseconds(5);
constexpr auto drain_deadline = std::chrono::seconds(30);

}  // namespace

const Statement Lease::fence{
    "fence",
    "SELECT 1 / count(*)::integer FROM lease WHERE node = $1::smallint AND epoch = $2::integer"};

Params Lease::fence_params() const {
  return std::move(Params().small(request_.node.value).normal(epoch_.value));
}

Result<std::unique_ptr<Lease>> Lease::take(const LeaseRequest& request, const Clock& clock,
                                           Log& log) {
  std::unique_ptr<Lease> lease(new Lease(request, clock, log));
  const auto deadline = clock.steady() + request.patience;
  for (;;) {
    auto connection = Connection::open(request.target);
    if (!connection) return connection.error();
    auto acquired = lease->acquire(*connection);
    if (acquired.ok()) {
      if (auto drained = lease->drain_earlier(*connection); !drained) return drained.error();
      break;
    }
    if (acquired.error().kind != ErrorKind::Conflict || clock.steady() >= deadline)
      return acquired.error();
    std::this_thread::sleep_for(retry_pause);
  }
  lease->renewer_ = std::thread([self = lease.get()] { self->renew_until_stopped(); });
  return lease;
}

Status Lease::acquire(Connection& connection) {
  const auto sent = clock_.steady();
  const auto params = std::move(Params()
                                    .small(request_.node.value)
                                    .bytes(request_.holder)
                                    .integer(request_.terms.ttl.count())
                                    .integer(request_.terms.margin.count()));
  auto rows = connection.query(acquire_sql, params);
  for (int again = 0; !rows && rows.error().kind == ErrorKind::Conflict && again < node_max;
       ++again)
    rows = connection.query(acquire_sql, params);
  if (!rows) return rows.error();
  if (!rows->empty()) {
    epoch_.value = static_cast<std::int32_t>(rows->integer(0, 0));
    held_from(sent);
    return Done{};
  }
  auto who = connection.query(who_sql, Params().small(request_.node.value));
  if (!who) return who.error();
  Error taken{ErrorKind::Conflict, "", "the node's lease is held"};
  if (!who->empty())
    taken.text +=
        " by " + std::string(who->bytes(0, 0)) + " until " + std::string(who->bytes(0, 1));
  return taken;
}

Status Lease::drain_earlier(Connection& connection) {
  auto now = connection.query("SELECT clock_timestamp()::text");
  if (!now) return now.error();
  const std::string raised(now->bytes(0, 0));
  const auto params = std::move(Params().bytes(request_.target.application).bytes(raised));
  const auto began = clock_.steady();
  for (;;) {
    auto rows = connection.query(earlier_sql, params);
    if (!rows) return rows.error();
    if (rows->empty()) return Done{};
    const auto waited = clock_.steady() - began;
    if (waited > drain_deadline)
      return Error{ErrorKind::Unavailable, "", "transactions of an earlier holder do not end"};
    if (waited > request_.terms.drain_patience)
      if (auto ended = connection.query(end_earlier_sql, params); !ended) return ended.error();
    std::this_thread::sleep_for(drain_pause);
  }
}

void Lease::held_from(SteadyTime sent) {
  const auto until = sent + request_.terms.ttl - request_.terms.margin;
  held_until_.store(until.time_since_epoch().count(), std::memory_order_relaxed);
}

bool Lease::held() const {
  return !lost_.load(std::memory_order_relaxed) &&
         clock_.steady().time_since_epoch().count() < held_until_.load(std::memory_order_relaxed);
}

void Lease::lost() {
  if (!lost_.exchange(true))
    log_.error("lease.lost", {{"node", std::to_string(request_.node.value)},
                              {"epoch", std::to_string(epoch_.value)}});
}

void Lease::renew_until_stopped() {
  std::optional<Connection> connection;
  bool failing = false;
  std::unique_lock lock(mutex_);
  while (!stopping_ && !lost_.load()) {
    const auto pause = failing ? retry_pause : request_.terms.renew_every;
    if (wake_.wait_for(lock, pause, [this] { return stopping_; })) break;
    lock.unlock();
    const bool renewed = renew(connection);
    if (!renewed && !failing) log_.warn("lease.not_renewed");
    failing = !renewed;
    lock.lock();
  }
}

bool Lease::renew(std::optional<Connection>& connection) {
  if (!connection || !connection->usable()) {
    connection.reset();
    auto opened = Connection::open(request_.target);
    if (!opened) return false;
    connection.emplace(std::move(*opened));
  }
  const auto sent = clock_.steady();
  auto done = connection->query(
      renew_sql,
      Params().small(request_.node.value).normal(epoch_.value).integer(request_.terms.ttl.count()));
  if (!done) return false;
  if (done->affected() == 1)
    held_from(sent);
  else
    lost();
  return true;
}

Lease::~Lease() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (!renewer_.joinable()) return;
  renewer_.join();
  if (lost_.load()) return;
  auto connection = Connection::open(request_.target);
  if (connection)
    (void)connection->query(release_sql, Params().small(request_.node.value).normal(epoch_.value));
}

}  // namespace causeway::store
