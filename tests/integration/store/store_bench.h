// A database with the store on it, a clock that tests set, and short words for what they do.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include "engine/store/store.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_database.h"

namespace causeway::testing {

/// The machine's time, moved by a number of days.
class MovedClock final : public Clock {
 public:
  SystemTime now() const override { return machine_.now() + std::chrono::days(moved_days); }
  SteadyTime steady() const override { return machine_.steady(); }
  Day today() const { return std::chrono::floor<std::chrono::days>(now()); }

  std::atomic<int> moved_days{0};

 private:
  MachineClock machine_;
};

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().str());
  return std::move(result).value();
}

class Database {
 public:
  explicit Database(TestServer& server = TestServer::shared())
      : database_(server), masters_(must(store::MasterKeys::open(folder_.path() / "keys"))) {
    options.conninfo = database_.url();
    options.holder = "test";
  }

  std::unique_ptr<store::PostgresStore> open() {
    return must(store::PostgresStore::open(options, *masters_, clock, log));
  }
  Result<std::unique_ptr<store::PostgresStore>> try_open(const store::StoreOptions& with) {
    return store::PostgresStore::open(with, *masters_, clock, log);
  }

  /// The first value that the statement returns.
  std::string sql(const std::string& statement) const {
    return run_sql(database_.url() + " options='-c search_path=causeway'", statement);
  }
  const std::string& url() const { return database_.url(); }
  store::MasterKeys& masters() { return *masters_; }

  store::StoreOptions options;
  MovedClock clock;
  NoLog log;

 private:
  TestDatabase database_;
  TemporaryFolder folder_;
  std::unique_ptr<store::MasterKeys> masters_;
};

template <class T>
T wait_for(std::future<T> future) {
  if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready)
    throw std::runtime_error("no callback came");
  return future.get();
}

/// Asks again and again, for up to half a minute.
template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

inline std::future<Result<Receipt>> accept_later(Journal& journal, Arrival arrival) {
  auto promise = std::make_shared<std::promise<Result<Receipt>>>();
  auto future = promise->get_future();
  journal.accept(std::move(arrival),
                 [promise](Result<Receipt> receipt) { promise->set_value(std::move(receipt)); });
  return future;
}

inline std::future<Result<std::vector<Receipt>>> record_later(Journal& journal, Passage passage) {
  auto promise = std::make_shared<std::promise<Result<std::vector<Receipt>>>>();
  auto future = promise->get_future();
  journal.record(std::move(passage), [promise](Result<std::vector<Receipt>> receipts) {
    promise->set_value(std::move(receipts));
  });
  return future;
}

inline std::future<Status> settle_later(Journal& journal, Settlement settlement) {
  auto promise = std::make_shared<std::promise<Status>>();
  auto future = promise->get_future();
  journal.settle(std::move(settlement),
                 [promise](Status status) { promise->set_value(std::move(status)); });
  return future;
}

inline Arrival message_for(ChannelId channel, std::string body) {
  Arrival arrival;
  arrival.channel = channel;
  arrival.received_at = SystemTime(std::chrono::microseconds(1'700'000'000'123'456));
  arrival.draft.body = Body(make_bytes(std::move(body)));
  arrival.control_id = "MSG";
  return arrival;
}

inline MessageId accepted(store::PostgresStore& store, Arrival arrival) {
  return must(wait_for(accept_later(store.journal(), std::move(arrival)))).message;
}

/// A message that went all its way: one delivery, delivered, with a reply.
inline WorkRef done_message(store::PostgresStore& store, Arrival arrival, DestinationId to) {
  const auto channel = arrival.channel;
  const WorkRef work{accepted(store, std::move(arrival)), RunNumber{1}, to};
  Passage passage;
  passage.message = work.message;
  passage.channel = channel;
  passage.steps.push_back({"transform", "logged", std::nullopt, std::chrono::microseconds(5)});
  DeliveryRecord delivery;
  delivery.destination = to;
  delivery.body = Body(make_bytes(std::string(300, 'o')));
  passage.deliveries.push_back(delivery);
  must(wait_for(record_later(store.journal(), passage)));
  Settlement settlement;
  AttemptRecord attempt;
  attempt.work = work;
  attempt.response = "MSA|AA";
  settlement.attempts.push_back(attempt);
  settlement.reply_to = work.message;
  settlement.reply = ReplyRecord{"reply", ReplyState::Sent, passage.at, false};
  settlement.channel = channel;
  must(wait_for(settle_later(store.journal(), settlement)));
  return work;
}

}  // namespace causeway::testing
