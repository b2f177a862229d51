// MariaDB by ODBC through the contract of databases; and what is ODBC's own.
#include <catch2/catch.hpp>

#include "connectors/database/odbc.h"
#include "tests/contract/database_contract.h"
#include "tests/support/database_servers.h"

namespace causeway::contract {
namespace {

using connectors::database::ServerSettings;
using testing::delivered;
using testing::file_delivery;
using testing::OriginIntake;

testing::MariaDbServer& server() {
  static testing::MariaDbServer one;
  return one;
}

std::string connection(std::uint16_t port, const std::string& user = "root") {
  return "Driver=MariaDB Unicode;Server=127.0.0.1;Database=test;UID=" + user +
         ";Port=" + std::to_string(port);
}

class MariaDbHarness final : public DatabaseHarness {
 public:
  std::uint16_t port() const override { return server().port(); }
  std::string fields(std::uint16_t port) override {
    return R"j("driver": "odbc", "connection": ")j" + connection(port) + "\"";
  }
  void stop() override { server().stop(); }
  void start() override { server().start(); }
  std::string run(const std::string& sql) override {
    ServerSettings settings;
    settings.driver = ServerSettings::Driver::Odbc;
    settings.connection = connection(port());
    return run_on(**connectors::database::make_odbc(settings), sql);
  }
  std::string upsert() const override {
    return "INSERT INTO item (id, name) VALUES (:id, :name) ON DUPLICATE KEY UPDATE name = :name";
  }
  void end_sessions() override {
    for (;;) {
      const auto id =
          run("SELECT MIN(id) FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND "
              "user = 'root' AND command <> 'Killed'");
      if (id.empty()) return;
      try {
        run("KILL " + id);
      } catch (const std::runtime_error&) {
        continue;  // it has gone by itself
      }
    }
  }
  std::string slow_statement() const override { return "DO SLEEP(20)"; }
};

TEST_CASE("mariadb: source and sink") {
  MariaDbHarness harness;
  check_database(harness);
}

TEST_CASE("mariadb: every type comes as the table of types says") {
  MariaDbHarness harness;
  testing::FileBench bench;
  OriginIntake intake;
  harness.run("DROP TABLE IF EXISTS kinds");
  harness.run(
      "CREATE TABLE kinds (id INT, tiny TINYINT, large BIGINT, larger BIGINT UNSIGNED, exact "
      "DECIMAL(30,5), narrow FLOAT, wide DOUBLE, yes BIT(1), words TEXT CHARACTER SET utf8mb4, raw "
      "BLOB, day DATE, clock TIME, at DATETIME(6), at_second DATETIME, nothing TEXT, long_words "
      "LONGTEXT, long_raw LONGBLOB)");
  harness.run(
      "INSERT INTO kinds VALUES (1, -128, 9007199254740992, 18446744073709551615,"
      " 1234567890123456789012345.00010, 0.1, 1e300, b'1', 'a\"é€😀', x'00ff10', '2026-03-01',"
      " '12:30:00', '2026-03-01 12:00:00.25', '2026-03-01 12:00:00', NULL, REPEAT('é', 100000),"
      " REPEAT('x', 300000))");
  auto source = bench.source("database", "{" + harness.fields(harness.port()) + R"j(,
      "method": "mark", "query": "SELECT * FROM kinds WHERE id > 0", "key": ["id"],
      "mark": ["UPDATE kinds SET id = -id WHERE id = :id AND at = :at AND exact = :exact"]})j");
  REQUIRE(source->start(intake).ok());
  REQUIRE(intake.wait_for(1));
  CHECK(intake.message(0).body.is_staged());
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "é";
  std::string base64;
  for (int i = 0; i < 100'000; ++i) base64 += "eHh4";
  CHECK(intake.text(0) ==
        R"j({"id":1,"tiny":-128,"large":9007199254740992,"larger":"18446744073709551615",)j"
        R"j("exact":"1234567890123456789012345.00010","narrow":0.1,"wide":1e+300,"yes":true,)j"
        R"j("words":"a\"é€😀","raw":"AP8Q","day":"2026-03-01","clock":"12:30:00",)j"
        R"j("at":"2026-03-01T12:00:00.25","at_second":"2026-03-01T12:00:00","nothing":null,)j"
        R"j("long_words":")j" +
            many + R"j(","long_raw":")j" + base64 + "\"}");
  CHECK(testing::eventually([&] { return harness.run("SELECT id FROM kinds") == "-1"; }));
}

TEST_CASE("mariadb: passwords come from the secrets; others are refused in words") {
  MariaDbHarness harness;
  testing::FileBench bench;
  testing::FixedSecrets secret{"open {sesame}"};
  bench.environment.secrets = &secret;
  const auto probe = [&] {
    auto sink = bench.sink("database", R"j({"driver": "odbc", "connection": ")j" +
                                           connection(harness.port(), "reader") +
                                           R"j(", "password": "secret:lab",
                                           "statements": [{"sql": "SELECT 1"}]})j");
    return sink->probe();
  };
  INFO(probe().text);
  CHECK(probe().good);
  secret.text = "wrong";
  CHECK_FALSE(probe().good);
  CHECK_THAT(probe().text, Catch::Contains("reader") && !Catch::Contains("wrong"));
}

TEST_CASE("mariadb: a lock that isn't given is waited for by another try") {
  MariaDbHarness harness;
  testing::FileBench bench;
  harness.run("DROP TABLE IF EXISTS counted");
  harness.run("CREATE TABLE counted (id INT PRIMARY KEY, n INT)");
  harness.run("INSERT INTO counted VALUES (1, 0)");
  ServerSettings settings;
  settings.connection = connection(harness.port());
  auto database = connectors::database::make_odbc(settings);
  const std::atomic<bool> never{false};
  auto session = (*database)->open(never);
  REQUIRE(session.ok());
  REQUIRE((*session)->change({"UPDATE counted SET n = 1", {}}).ok());
  auto sink = bench.sink("database", "{" + harness.fields(harness.port()) + R"j(,
      "statements": [{"sql": "UPDATE counted SET n = n + 1"}]})j");
  REQUIRE(sink->start().ok());
  const auto waited = delivered(*sink, file_delivery(1, "{}"));
  CHECK(waited.outcome == Outcome::Deferred);
  CHECK(waited.reason.kind == ErrorKind::Conflict);
  CHECK_FALSE(waited.destination_down);
  REQUIRE((*session)->commit().ok());
  CHECK(delivered(*sink, file_delivery(1, "{}")).outcome == Outcome::Delivered);
  CHECK(harness.run("SELECT n FROM counted") == "2");
}

TEST_CASE("mariadb: TLS as the connection string says") {
  const testing::TestCertificates certificates;
  testing::MariaDbServer secured(&certificates.server);
  const std::atomic<bool> never{false};
  const auto made = [&](std::uint16_t port, const std::string& more) {
    ServerSettings settings;
    settings.connection = connection(port) + ";ForceTLS=1;SSLVERIFY=1;SSLCA=" + more;
    return *connectors::database::make_odbc(settings);
  };
  const auto good = made(secured.port(), certificates.ca_file);
  CHECK_FALSE(run_on(*good,
                     "SELECT variable_value FROM information_schema.session_status WHERE "
                     "variable_name = 'Ssl_cipher'")
                  .empty());
  CHECK_FALSE(made(secured.port(), "/etc/ssl/certs/ca-certificates.crt")->open(never).ok());
}

TEST_CASE("odbc: connection strings and drivers") {
  const auto made = [](const std::string& text) {
    ServerSettings settings;
    settings.connection = text;
    settings.connect_timeout = Milliseconds(5000);
    return connectors::database::make_odbc(settings);
  };
  CHECK(made("Driver=X;PWD=word").error().kind == ErrorKind::Invalid);
  CHECK(made("Server=db").error().kind == ErrorKind::Invalid);
  CHECK((*made("Driver={My {odd}} driver;x};Server=db;Port=1;Database=lab"))->address() ==
        "odbc://db:1/lab");
  const std::atomic<bool> never{false};
  auto unknown = (*made("Driver=No such driver"))->open(never);
  REQUIRE_FALSE(unknown.ok());
  CHECK_THAT(unknown.error().str(), Catch::Contains("IM002") || Catch::Contains("01000"));
  // FreeTDS is there, and says that there is no server.
  auto nobody = (*made("Driver=FreeTDS;Server=127.0.0.1;Port=1;Database=lab;UID=me"))->open(never);
  REQUIRE_FALSE(nobody.ok());
  CHECK(nobody.error().kind == ErrorKind::Unavailable);
  CHECK_THAT(nobody.error().str(), Catch::Contains("FreeTDS"));
}

}  // namespace
}  // namespace causeway::contract
