// PostgreSQL through the contract of databases; and what is PostgreSQL's own.
#include <catch2/catch.hpp>

#include "connectors/database/postgres.h"
#include "tests/contract/database_contract.h"
#include "tests/support/database_servers.h"

namespace causeway::contract {
namespace {

using connectors::database::ServerSettings;
using testing::delivered;
using testing::file_delivery;
using testing::OriginIntake;

testing::PostgresServer& server() {
  static testing::PostgresServer one;
  return one;
}

std::string connection(std::uint16_t port, const std::string& user = "causeway") {
  return "host=127.0.0.1 dbname=lab user=" + user + " port=" + std::to_string(port);
}

class PostgresHarness final : public DatabaseHarness {
 public:
  std::uint16_t port() const override { return server().port(); }
  std::string fields(std::uint16_t port) override {
    return R"j("connection": ")j" + connection(port) + "\"";
  }
  void stop() override { server().stop(); }
  void start() override { server().start(); }
  std::string run(const std::string& sql) override {
    ServerSettings settings;
    settings.connection = connection(port());
    return run_on(**connectors::database::make_postgres(settings), sql);
  }
  std::string upsert() const override {
    return "INSERT INTO item (id, name) VALUES (:id, :name) ON CONFLICT (id) DO UPDATE SET name = "
           "excluded.name";
  }
  void end_sessions() override {
    run("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> "
        "pg_backend_pid() AND datname = 'lab'");
  }
  std::string slow_statement() const override { return "SELECT pg_sleep(20)"; }
};

TEST_CASE("postgresql: source and sink") {
  PostgresHarness harness;
  check_database(harness);
}

TEST_CASE("postgresql: every type comes as the table of types says, and goes back") {
  PostgresHarness harness;
  testing::FileBench bench;
  OriginIntake intake;
  harness.run("DROP TABLE IF EXISTS kinds, copies");
  harness.run(
      "CREATE TABLE kinds (id int, small smallint, large bigint, larger bigint, exact "
      "numeric(30,5),"
      " narrow real, wide double precision, nan float8, yes boolean, words text, raw bytea,"
      " day date, clock time, at timestamptz, local timestamp, span interval, doc jsonb, list "
      "int[], one uuid, nothing text)");
  harness.run(
      "INSERT INTO kinds VALUES (1, -32768, 9007199254740992, 9007199254740993,"
      " 1234567890123456789012345.00010, 0.1, 1e300, 'NaN', true, E'a\"b\\\\c\\n\\u00e9', "
      "'\\x00ff10', '2026-03-01', '12:30:00.5', '2026-03-01 13:00:00.25+01', '2026-03-01 12:00:00',"
      " '1 day 2 hours', '{\"a\": [1, 1.10]}', '{1,2}', "
      "'c0ffee00-0000-4000-8000-000000000000', NULL)");
  const std::string row =
      R"j({"id":1,"small":-32768,"large":9007199254740992,"larger":"9007199254740993",)j"
      R"j("exact":"1234567890123456789012345.00010","narrow":0.1,"wide":1e+300,"nan":"NaN",)j"
      R"j("yes":true,"words":"a\"b\\c\u000aé","raw":"AP8Q","day":"2026-03-01",)j"
      R"j("clock":"12:30:00.5","at":"2026-03-01T12:00:00.25Z","local":"2026-03-01T12:00:00",)j"
      R"j("span":"P1DT2H","doc":{"a": [1, 1.10]},"list":"{1,2}",)j"
      R"j("one":"c0ffee00-0000-4000-8000-000000000000","nothing":null})j";
  auto source = bench.source("database", "{" + harness.fields(harness.port()) + R"j(,
      "method": "mark", "query": "SELECT * FROM kinds WHERE id > 0", "key": ["id"],
      "mark": ["UPDATE kinds SET id = -id WHERE id = :id AND at = :at AND exact = :exact"]})j");
  REQUIRE(source->start(intake).ok());
  REQUIRE(intake.wait_for(1));
  CHECK(intake.text(0) == row);
  CHECK(testing::eventually([&] { return harness.run("SELECT id FROM kinds") == "-1"; }));
  source->stop(Milliseconds(0));

  harness.run("CREATE TABLE copies (LIKE kinds)");
  auto sink = bench.sink(
      "database",
      "{" + harness.fields(harness.port()) +
          R"j(, "statements": [{"sql": "INSERT INTO copies VALUES (-:id::int, :small, :large, :larger, :exact, :narrow, :wide, :nan, :yes, :words, decode(:raw, 'base64'), :day, :clock, :at, :local, )j"
          R"j(:span, :doc, :list, :one, :nothing)"}]})j");
  REQUIRE(sink->start().ok());
  const auto attempt = delivered(*sink, file_delivery(1, row));
  INFO(attempt.reason.str());
  CHECK(attempt.outcome == Outcome::Delivered);
  CHECK(harness.run("SELECT count(*) FROM kinds k JOIN copies c ON k = c") == "1");
}

TEST_CASE("postgresql: who is in the way of another is tried again") {
  PostgresHarness harness;
  testing::FileBench bench;
  harness.run("DROP TABLE IF EXISTS counted");
  harness.run("CREATE TABLE counted (id int, n int)");
  harness.run("INSERT INTO counted VALUES (1, 0)");
  // What has been read was changed by another before it is written.
  auto sink = bench.sink("database", "{" + harness.fields(harness.port()) + R"j(, "connections": 2,
      "statements": [{"sql": "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"},
                     {"sql": "SELECT n, pg_sleep(0.3) FROM counted"},
                     {"sql": "UPDATE counted SET n = n + :by::int"}]})j");
  REQUIRE(sink->start().ok());
  std::vector<std::promise<Attempt>> promises(2);
  for (auto& promise : promises)
    sink->deliver(file_delivery(1, R"j({"by": 1})j"),
                  [&](Attempt attempt) { promise.set_value(std::move(attempt)); });
  std::vector<Attempt> attempts;
  for (auto& promise : promises) attempts.push_back(promise.get_future().get());
  std::sort(attempts.begin(), attempts.end(),
            [](const Attempt& a, const Attempt& b) { return a.outcome < b.outcome; });
  CHECK(attempts[0].outcome == Outcome::Delivered);
  CHECK(attempts[1].outcome == Outcome::Deferred);
  CHECK(attempts[1].reason.kind == ErrorKind::Conflict);
  CHECK_FALSE(attempts[1].destination_down);
  CHECK(harness.run("SELECT n FROM counted") == "1");
}

TEST_CASE("postgresql: what only the commit refuses is not delivered") {
  PostgresHarness harness;
  testing::FileBench bench;
  harness.run("DROP TABLE IF EXISTS child, parent");
  harness.run("CREATE TABLE parent (id int PRIMARY KEY)");
  harness.run("CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");
  auto sink = bench.sink("database",
                         "{" + harness.fields(harness.port()) +
                             R"j(, "statements": [{"sql": "INSERT INTO child VALUES (:id)"}]})j");
  REQUIRE(sink->start().ok());
  CHECK(delivered(*sink, file_delivery(1, R"j({"id": 1})j")).outcome == Outcome::Rejected);
  harness.run("INSERT INTO parent VALUES (1)");
  CHECK(delivered(*sink, file_delivery(1, R"j({"id": 1})j")).outcome == Outcome::Delivered);
}

TEST_CASE("postgresql: TLS as the connection string says, and another server is refused in words") {
  const testing::TestCertificates certificates;
  testing::PostgresServer secured(&certificates.server);
  const std::atomic<bool> never{false};
  const auto text_of = [&](const std::string& more) {
    ServerSettings settings;
    settings.connection = connection(secured.port()) + more;
    auto database = connectors::database::make_postgres(settings);
    REQUIRE(database.ok());
    auto session = (*database)->open(never);
    if (!session) return session.error().text;
    return run_on(**database, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
  };
  CHECK(text_of(" sslmode=verify-full sslrootcert=" + certificates.ca_file) == "true");
  CHECK_THAT(text_of(" sslmode=verify-full"), Catch::Contains("certificate"));
  CHECK(text_of(" sslmode=disable") == "false");
  ServerSettings plain;
  plain.connection = connection(server().port()) + " sslmode=require";
  auto refused = (*connectors::database::make_postgres(plain))->open(never);
  REQUIRE_FALSE(refused.ok());
  CHECK_THAT(refused.error().text, Catch::Contains("SSL"));
}

TEST_CASE("postgresql: connection strings") {
  const auto made = [](const std::string& text) {
    ServerSettings settings;
    settings.connection = text;
    return connectors::database::make_postgres(settings);
  };
  CHECK((*made("postgresql://me@db.example:5433/lab"))->address() ==
        "postgresql://db.example:5433/lab");
  CHECK((*made("host=db dbname=lab"))->name() == "lab");
  CHECK(made("host=db password=x").error().kind == ErrorKind::Invalid);
  CHECK(made("postgresql://me:word@db/lab").error().kind == ErrorKind::Invalid);
  CHECK_THAT(made("host=db nonsense=1").error().text, Catch::Contains("nonsense"));
}

}  // namespace
}  // namespace causeway::contract
