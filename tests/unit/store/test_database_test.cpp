#include "tests/support/test_database.h"

#include <catch2/catch.hpp>

namespace causeway::testing {
namespace {

TEST_CASE("every test database is empty and its own") {
  TestDatabase one, two;
  run_sql(one.url(), "CREATE TABLE t (n int)");
  CHECK(run_sql(one.url(), "SELECT count(*) FROM t") == "0");
  CHECK_THROWS_WITH(run_sql(two.url(), "SELECT count(*) FROM t"), Catch::Contains("not exist"));
}

TEST_CASE("a test server that was killed starts again with what it had") {
  TestServer server;
  TestDatabase database(server);
  run_sql(database.url(), "CREATE TABLE t AS SELECT 7 AS n");
  server.kill();
  CHECK_THROWS(run_sql(database.url(), "SELECT n FROM t"));
  server.start();
  CHECK(run_sql(database.url(), "SELECT n FROM t") == "7");
}

}  // namespace
}  // namespace causeway::testing
