// PostgreSQL's logical replication as a source: each change once, whatever is cut when.
#include <catch2/catch.hpp>

#include "connectors/database/postgres.h"
#include "tests/contract/database_contract.h"
#include "tests/support/database_servers.h"

namespace causeway::contract {
namespace {

using testing::eventually;
using testing::FaultProxy;
using testing::OriginIntake;

constexpr auto moment = std::chrono::milliseconds(150);

/// A server with the table `item`, published, and a slot, made anew.
struct Bench : testing::FileBench {
  Bench() {
    run("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
    run("DROP PUBLICATION IF EXISTS changes");
    run("DROP TABLE IF EXISTS item, other");
    run("CREATE TABLE item (id int PRIMARY KEY, name text, large text)");
    run("CREATE TABLE other (id int)");
    run("CREATE PUBLICATION changes FOR TABLE item");
    run("SELECT pg_create_logical_replication_slot('engine', 'pgoutput')");
  }
  static testing::PostgresServer& server() {
    static testing::PostgresServer one;
    return one;
  }
  static std::string connection(std::uint16_t port) {
    return "host=127.0.0.1 dbname=lab user=causeway port=" + std::to_string(port);
  }
  static std::string run(const std::string& sql) {
    connectors::database::ServerSettings settings;
    settings.connection = connection(server().port());
    return run_on(**connectors::database::make_postgres(settings), sql);
  }
  std::unique_ptr<Source> changes(std::uint16_t port = 0, const std::string& more = "") {
    return source("database", R"j({"method": "changes", "slot": "engine", "publication": "changes",
        "poll_interval_ms": 50, "connection": ")j" +
                                  connection(port ? port : server().port()) + "\"" + more + "}");
  }
};

struct Reading {
  Reading(std::unique_ptr<Source> its_source, OriginIntake& intake)
      : source(std::move(its_source)) {
    REQUIRE(source->start(intake).ok());
  }
  ~Reading() { source->stop(Milliseconds(0)); }
  std::unique_ptr<Source> source;
};

/// Without what differs from run to run.
std::string without_commit(const std::string& text) {
  return text.substr(0, text.find(",\"commit\":")) + "}";
}

TEST_CASE("changes: every kind of change is a message, in the order of the commits") {
  Bench bench;
  OriginIntake intake;
  // What happens while nobody reads is kept by the server.
  bench.run("INSERT INTO item VALUES (1, 'a', repeat('x', 100000))");
  Reading reading(bench.changes(), intake);
  REQUIRE(intake.wait_for(1));
  bench.run("INSERT INTO other VALUES (1)");  // not published
  bench.run("ALTER TABLE item ALTER large SET STORAGE EXTERNAL");
  bench.run("INSERT INTO item VALUES (2, NULL, repeat('y', 100000))");
  bench.run("UPDATE item SET name = 'b' WHERE id = 2");
  bench.run("UPDATE item SET id = 3, large = NULL WHERE id = 2");
  bench.run("DELETE FROM item WHERE id = 3");
  bench.run("ALTER TABLE item REPLICA IDENTITY FULL");
  bench.run("UPDATE item SET name = 'c', large = 'z' WHERE id = 1");
  bench.run("TRUNCATE item");
  REQUIRE(intake.wait_for(7));
  CHECK(without_commit(intake.text(0)) ==
        R"j({"table":"public.item","change":"insert","row":{"id":1,"name":"a","large":")j" +
            std::string(100'000, 'x') + "\"}}");
  CHECK(
      without_commit(intake.text(2)) ==
      R"j({"table":"public.item","change":"update","row":{"id":2,"name":"b"},"unchanged":["large"]})j");
  CHECK(
      without_commit(intake.text(3)) ==
      R"j({"table":"public.item","change":"update","row":{"id":3,"name":"b","large":null},"old":{"id":2}})j");
  CHECK(without_commit(intake.text(4)) ==
        R"j({"table":"public.item","change":"delete","old":{"id":3}})j");
  CHECK_THAT(
      intake.text(5),
      Catch::Contains(
          R"j("row":{"id":1,"name":"c","large":"z"},"old":{"id":1,"name":"a","large":"xx)j"));
  CHECK(without_commit(intake.text(6)) == R"j({"table":"public.item","change":"truncate"})j");
  CHECK_THAT(
      intake.text(6),
      Catch::Matches(
          R"j(.*"commit":"[0-9A-F]+/[0-9A-F]+","transaction":\d+,"committed_at":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"\})j"));
  CHECK(intake.message(0).content_type == ContentType::Json);
  const auto probe = reading.source->probe();
  CHECK(probe.good);
  CHECK_THAT(probe.text, Catch::Contains("slot engine"));
}

TEST_CASE("changes: what is stored is confirmed, and not sent again; what isn't, is") {
  Bench bench;
  OriginIntake intake, other;
  for (int i = 0; i < 20; ++i) bench.run("INSERT INTO item VALUES (" + std::to_string(i) + ")");
  intake.store_at_most(12);  // the store hangs then
  {
    Reading reading(bench.changes(), intake);
    REQUIRE(intake.wait_for(12));
    std::this_thread::sleep_for(moment);
  }
  intake.store_at_most(100);
  REQUIRE(intake.wait_for(20));  // on their way when it was stopped
  {
    Reading reading(bench.changes(), intake);
    REQUIRE(eventually([&] { return intake.again() >= 20; }));
    bench.run("INSERT INTO item VALUES (100)");
    REQUIRE(intake.wait_for(21));
    std::this_thread::sleep_for(moment);
  }
  CHECK(intake.stored() == 21);
  CHECK(intake.again() == 20);
  Reading reading(bench.changes(), other);
  bench.run("INSERT INTO item VALUES (101)");
  REQUIRE(other.wait_for(1));
  CHECK_THAT(other.text(0), Catch::Contains("\"id\":101"));
  std::this_thread::sleep_for(moment);
  CHECK(other.stored() == 1);
}

TEST_CASE("changes: cut, sliced, and while the server restarts, each change comes once") {
  Bench bench;
  OriginIntake intake;
  FaultProxy proxy(Bench::server().port());
  proxy.slice(11);
  Reading reading(bench.changes(proxy.port()), intake);
  bench.run("INSERT INTO item SELECT generate_series(1, 30)");
  for (std::size_t bytes : {200u, 900u, 2000u, 3000u}) {
    proxy.cut_after(FaultProxy::Way::ToClient, bytes);
    std::this_thread::sleep_for(moment);
  }
  proxy.cut_after(FaultProxy::Way::ToClient, SIZE_MAX);
  REQUIRE(intake.wait_for(30));
  Bench::server().stop();
  CHECK_FALSE(reading.source->probe().good);
  Bench::server().start();
  bench.run("INSERT INTO item VALUES (31)");
  REQUIRE(intake.wait_for(31));
  std::this_thread::sleep_for(moment);
  CHECK(intake.stored() == 31);
  for (int i = 0; i < 31; ++i)
    CHECK_THAT(intake.text(static_cast<std::size_t>(i)),
               Catch::Contains("{\"id\":" + std::to_string(i + 1) + ","));
}

TEST_CASE("changes: nothing is read while it is paused, and a stop doesn't wait for the server") {
  Bench bench;
  OriginIntake intake;
  FaultProxy proxy(Bench::server().port());
  Reading reading(bench.changes(proxy.port()), intake);
  bench.run("INSERT INTO item VALUES (1)");
  REQUIRE(intake.wait_for(1));
  reading.source->pause(true);
  std::this_thread::sleep_for(2 * moment);
  bench.run("INSERT INTO item VALUES (2)");
  std::this_thread::sleep_for(moment);
  CHECK(intake.stored() == 1);
  reading.source->pause(false);
  REQUIRE(intake.wait_for(2));
  proxy.hold_back(FaultProxy::Way::ToClient, true);
  std::this_thread::sleep_for(moment);
  reading.source->stop(Milliseconds(50));
}

TEST_CASE("changes: what isn't there is said in words") {
  Bench bench;
  OriginIntake intake;
  const auto words = [&] {
    Reading reading(bench.changes(), intake);
    const auto probe = reading.source->probe();
    CHECK_FALSE(probe.good);
    return probe.text;
  };
  bench.run("DROP PUBLICATION changes");
  CHECK_THAT(words(), Catch::Contains("no such publication"));
  REQUIRE(eventually(
      [&] { return bench.run("SELECT count(*) FROM pg_replication_slots WHERE active") == "0"; }));
  bench.run("SELECT pg_drop_replication_slot('engine')");
  CHECK_THAT(words(), Catch::Contains("pg_create_logical_replication_slot('engine', 'pgoutput')"));
  CHECK_THROWS_WITH(bench.changes(0, R"j(, "query": "SELECT 1")j"), Catch::Contains("query"));
  CHECK_THROWS(bench.changes(0, R"j(, "driver": "odbc")j"));
}

}  // namespace
}  // namespace causeway::contract
