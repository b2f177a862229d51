// The node's lease: one holder, fenced writes, take-over.
#include <catch2/catch.hpp>

#include <libpq-fe.h>

#include <thread>

#include "tests/integration/store/store_bench.h"

namespace causeway::testing {
namespace {

constexpr ChannelId lab{1};

TEST_CASE("a node that is held by another engine is refused, or waited for", "[lease]") {
  Database database;
  auto first = database.open();
  auto other = database.options;
  other.holder = "another";
  const auto refused = database.try_open(other);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Conflict);
  CHECK(refused.error().text.find("held by test") != std::string::npos);

  // Another node's number is free.
  other.node = NodeId{2};
  auto second_node = must(database.try_open(other));
  CHECK(second_node->lease().epoch() != first->lease().epoch());

  other.node = NodeId{1};
  other.standby_patience = std::chrono::seconds(60);
  auto standby = std::async(std::launch::async, [&] { return database.try_open(other); });
  first.reset();  // releases it
  auto second = must(wait_for(std::move(standby)));
  CHECK(second->journal().holds_lease());
}

TEST_CASE("a lease whose holder is silent runs out, for the holder first", "[lease]") {
  Database database;
  database.options.lease = {.ttl = std::chrono::milliseconds(1500),
                            .renew_every = std::chrono::hours(1),
                            .margin = std::chrono::milliseconds(500),
                            .drain_patience = std::chrono::milliseconds(100)};
  auto silent = database.open();
  auto other = database.options;
  other.holder = "another";
  other.standby_patience = std::chrono::seconds(60);
  auto standby = std::async(std::launch::async, [&] { return database.try_open(other); });
  auto second = must(wait_for(std::move(standby)));
  CHECK_FALSE(silent->journal().holds_lease());
  auto late = accept_later(silent->journal(), message_for(lab, "late"));
  CHECK(wait_for(std::move(late)).error().kind == ErrorKind::LeaseLost);
  CHECK(database.sql("SELECT count(*) FROM message") == "0");
}

TEST_CASE("a holder learns from its renewal that it has lost the lease", "[lease]") {
  Database database;
  database.options.lease.renew_every = std::chrono::milliseconds(50);
  auto first = database.open();
  auto second = database.open();  // the same holder: it counts as dead
  CHECK(eventually([&] { return !first->journal().holds_lease(); }));
  CHECK(second->journal().holds_lease());
}

TEST_CASE("transactions of an earlier holder are waited for, then ended", "[lease]") {
  Database database;
  database.options.lease.drain_patience = std::chrono::milliseconds(200);
  auto first = database.open();
  // What an engine that is stopped in the middle of a commit looks like from outside.
  std::unique_ptr<PGconn, decltype(&PQfinish)> stuck(
      PQconnectdb((database.url() + " application_name='causeway node 1'").c_str()), &PQfinish);
  PQclear(PQexec(stuck.get(), "BEGIN"));
  PQclear(
      PQexec(stuck.get(),
             "INSERT INTO causeway.low_water (channel, destination, message) VALUES (9, 9, 9)"));
  auto second = database.open();
  PQclear(PQexec(stuck.get(), "COMMIT"));
  CHECK(database.sql("SELECT count(*) FROM low_water WHERE channel = 9") == "0");
}

}  // namespace
}  // namespace causeway::testing
