// The journal writer against failing rows, missing partitions and lost connections.
#include <catch2/catch.hpp>

#include <map>
#include <thread>

#include "engine/core/limits.h"
#include "engine/store/partitions.h"
#include "tests/integration/store/store_bench.h"

namespace causeway::testing {
namespace {

constexpr ChannelId lab{1};

/// Ends backends of the journal's connections, at random moments, until it goes out of scope.
class BackendKiller {
 public:
  explicit BackendKiller(const Database& database) {
    thread_ = std::thread([this, url = database.url()] {
      unsigned seed = 12345;
      while (!done_) {
        seed = seed * 1664525 + 1013904223;
        std::this_thread::sleep_for(std::chrono::microseconds(200 + (seed >> 8) % 8000));
        const auto victims = run_sql(
            url,
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name"
            " = 'causeway node 1' AND datname = current_database() AND query LIKE '%unnest%'");
        killed_ += std::stoi(victims);
      }
    });
  }
  ~BackendKiller() {
    done_ = true;
    thread_.join();
  }
  int killed() const { return killed_; }

 private:
  std::atomic<bool> done_{false};
  std::atomic<int> killed_{0};
  std::thread thread_;
};

TEST_CASE("a row that cannot be stored leaves its neighbours alone", "[journal]") {
  Database database;
  auto store = database.open();
  std::vector<std::future<Result<Receipt>>> answers;
  for (int i = 0; i < 60; ++i) {
    auto arrival = message_for(lab, std::to_string(i));
    if (i % 17 == 5) arrival.order_keys.resize(limits::order_keys_max + 1);
    answers.push_back(accept_later(store->journal(), arrival));
  }
  for (int i = 0; i < 60; ++i) {
    const auto answer = wait_for(std::move(answers[static_cast<std::size_t>(i)]));
    INFO(i);
    if (i % 17 == 5)
      CHECK(answer.error().kind == ErrorKind::Limit);
    else
      CHECK(must(store->work().message(must(answer).message)).arrival.draft.body.view() ==
            std::to_string(i));
  }
  CHECK(database.sql("SELECT count(*) FROM message") == "56");
}

TEST_CASE("a row that the database refuses leaves its neighbours alone", "[journal]") {
  Database database;
  auto store = database.open();
  // A rule of the database itself, so that the statement fails within the transaction.
  database.sql(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.flags = 8"
      " THEN RAISE EXCEPTION 'refused' USING ERRCODE = '22000'; END IF; RETURN NEW; END $$");
  database.sql(
      "CREATE TRIGGER refuse BEFORE INSERT ON message FOR EACH ROW"
      " EXECUTE FUNCTION refuse()");
  std::vector<std::future<Result<Receipt>>> answers;
  std::vector<MessageId> order;
  for (int i = 0; i < 100; ++i) {
    auto arrival = message_for(lab, std::to_string(i));
    arrival.flags = i == 40 || i == 41 || i == 99 ? message_flags::unreadable : 0;
    answers.push_back(accept_later(store->journal(), arrival));
  }
  for (int i = 0; i < 100; ++i) {
    const auto answer = wait_for(std::move(answers[static_cast<std::size_t>(i)]));
    INFO(i);
    if (i == 40 || i == 41 || i == 99) {
      CHECK(answer.error().kind == ErrorKind::Invalid);
    } else {
      order.push_back(must(answer).message);
    }
  }
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(database.sql("SELECT count(*) FROM message") == "97");
}

TEST_CASE("a missing partition is made on demand", "[journal]") {
  Database database;
  auto store = database.open();
  for (auto table : {"message", "passage", "settlement", "term"})
    database.sql("DROP TABLE " + store::partition_name(table, database.clock.today()));
  auto arrival = message_for(lab, "body");
  arrival.terms = {{"PID-3", "1"}};
  const auto work = done_message(*store, arrival, DestinationId{1});
  CHECK(must(store->work().message(work.message)).arrival.draft.body.view() == "body");
  CHECK(must(store->work().reply_of(work.message))->bytes == "reply");
}

TEST_CASE("lost connections neither lose nor double anything", "[journal][kill]") {
  Database database;
  database.options.journal.accept_patience = std::chrono::minutes(1);
  auto store = database.open();
  constexpr int rounds = 40, rounds_max = 2000;
  std::vector<MessageId> ids;
  int settled = 0;
  {
    BackendKiller killer(database);
    // A quick machine is through before it has been hit often enough.
    for (int round = 0; round < rounds || (killer.killed() <= 5 && round < rounds_max); ++round) {
      std::vector<std::future<Result<Receipt>>> accepts;
      std::vector<std::future<Status>> settles;
      for (int i = 0; i < 20; ++i) {
        auto arrival = message_for(lab, std::to_string(round * 20 + i));
        if (i % 5 == 0)
          arrival.draft.origin =
              Origin{"file", static_cast<std::uint64_t>(ids.size() + accepts.size())};
        accepts.push_back(accept_later(store->journal(), arrival));
      }
      for (auto& answer : accepts) ids.push_back(must(wait_for(std::move(answer))).message);
      for (int i = 0; i < 20; ++i) {
        Settlement settlement;
        AttemptRecord attempt;
        attempt.work = {ids[static_cast<std::size_t>(round * 20 + i)], RunNumber{1},
                        DestinationId{1}};
        settlement.attempts.push_back(attempt);
        settles.push_back(settle_later(store->journal(), settlement));
      }
      for (auto& answer : settles) {
        must(wait_for(std::move(answer)));
        ++settled;
      }
    }
    CHECK(killer.killed() > 5);
  }
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(database.sql("SELECT count(*) FROM message") == std::to_string(ids.size()));
  CHECK(database.sql("SELECT count(*) FROM settlement") == std::to_string(settled));
  CHECK(database.sql("SELECT count(*) FROM (SELECT id FROM settlement GROUP BY id"
                     " HAVING count(*) > 1) doubled") == "0");
  for (std::size_t i = 0; i < ids.size(); i += 37)
    CHECK(must(store->work().message(ids[i])).arrival.draft.body.view() == std::to_string(i));
}

/// Ends the backend that writes this statement's rows, once it waits for `event`.
void end_when_waiting(const Database& database, const std::string& event) {
  const auto ended = eventually([&] {
    return database.sql(
               "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE"
               " application_name = 'causeway node 1' AND wait_event = '" +
               event + "'") == "1";
  });
  REQUIRE(ended);
}

TEST_CASE("a commit whose answer is lost counts as what it was", "[journal][kill]") {
  TestServer server;
  Database database(server);
  database.options.lease.ttl = std::chrono::minutes(1);
  database.options.lease.renew_every = std::chrono::minutes(1);
  auto store = database.open();
  SECTION("committed") {
    // The commit is done, and then waits for a standby that doesn't exist before it is answered.
    database.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    database.sql("SELECT pg_reload_conf()");
    auto answer = accept_later(store->journal(), message_for(lab, "committed"));
    end_when_waiting(database, "SyncRep");
    database.sql("ALTER SYSTEM RESET synchronous_standby_names");
    database.sql("SELECT pg_reload_conf()");
    const auto id = must(wait_for(std::move(answer))).message;
    CHECK(must(store->work().message(id)).arrival.draft.body.view() == "committed");
  }
  SECTION("not committed") {
    database.sql(
        "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_sleep(50); RETURN NEW; END $$");
    database.sql(
        "CREATE TRIGGER linger BEFORE INSERT ON message FOR EACH ROW"
        " EXECUTE FUNCTION linger()");
    auto answer = accept_later(store->journal(), message_for(lab, "again"));
    end_when_waiting(database, "PgSleep");
    database.sql("DROP TRIGGER linger ON message");
    const auto id = must(wait_for(std::move(answer))).message;
    CHECK(must(store->work().message(id)).arrival.draft.body.view() == "again");
  }
  CHECK(database.sql("SELECT count(*) FROM message") == "1");
}

TEST_CASE("a server that is killed and comes back loses nothing", "[journal][kill]") {
  TestServer server;
  Database database(server);
  database.options.journal.accept_patience = std::chrono::minutes(1);
  database.options.lease.ttl = std::chrono::minutes(1);
  auto store = database.open();
  std::vector<std::future<Result<Receipt>>> answers;
  for (int i = 0; i < 3000; ++i)
    answers.push_back(accept_later(store->journal(), message_for(lab, std::to_string(i))));
  server.kill();
  for (int i = 3000; i < 3100; ++i)
    answers.push_back(accept_later(store->journal(), message_for(lab, std::to_string(i))));
  server.start();
  std::size_t stored = 0;
  for (auto& answer : answers) {
    must(wait_for(std::move(answer)));
    ++stored;
  }
  // The test server doesn't wait for the disk, but the machine hasn't crashed: all is there.
  CHECK(database.sql("SELECT count(*) FROM message") == std::to_string(stored));
}

TEST_CASE("while the database is away, accepts are refused in time, settlements wait",
          "[journal][kill]") {
  TestServer server;
  Database database(server);
  database.options.journal.accept_patience = std::chrono::milliseconds(300);
  auto store = database.open();
  const auto before = accepted(*store, message_for(lab, "before"));
  server.kill();
  auto refused = accept_later(store->journal(), message_for(lab, "away"));
  Settlement settlement;
  AttemptRecord attempt;
  attempt.work = {before, RunNumber{1}, DestinationId{1}};
  settlement.attempts.push_back(attempt);
  auto waits = settle_later(store->journal(), settlement);
  CHECK(wait_for(std::move(refused)).error().kind == ErrorKind::Unavailable);
  CHECK(waits.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  server.start();
  must(wait_for(std::move(waits)));
  CHECK(database.sql("SELECT count(*) FROM message") == "1");
  CHECK(database.sql("SELECT count(*) FROM settlement") == "1");
}

TEST_CASE("after stop verbs are answered Stopped; what waited is written", "[journal]") {
  Database database;
  auto store = database.open();
  std::vector<std::future<Result<Receipt>>> answers;
  for (int i = 0; i < 2000; ++i)
    answers.push_back(accept_later(store->journal(), message_for(lab, "x")));
  store->journal().low_water({lab, DestinationId{}}, MessageId{77});
  store->stop(std::chrono::seconds(30));
  for (auto& answer : answers) must(wait_for(std::move(answer)));
  auto late = accept_later(store->journal(), message_for(lab, "late"));
  CHECK(wait_for(std::move(late)).error().kind == ErrorKind::Stopped);
  CHECK(database.sql("SELECT count(*) FROM message") == "2000");
  CHECK(database.sql("SELECT message FROM low_water") == "77");
}

}  // namespace
}  // namespace causeway::testing
