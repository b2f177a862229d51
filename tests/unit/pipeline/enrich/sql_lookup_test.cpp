// A real PostgreSQL asked with a declared statement.
#include "tests/support/test_database.h"
#include "tests/unit/pipeline/enrich/enriching.h"

using namespace causeway;
using namespace causeway::pipeline;
using namespace causeway::pipeline::testing;

namespace {

/// "host" of "host=/tmp/x user=…".
std::string part_of(const std::string& url, const std::string& key) {
  const auto begin = url.find(key + "=") + key.size() + 1;
  return url.substr(begin, url.find(' ', begin) - begin);
}

struct Asking {
  explicit Asking(const std::string& statement, const std::string& members = "",
                  const std::string& sql_members = "") {
    auto stage =
        stage_of(R"("sql": {"host": ")" + part_of(database.url(), "host") + R"(", "database": ")" +
                 part_of(database.url(), "dbname") + R"(", "user": "causeway", "statement": ")" +
                 statement + "\"" + sql_members + "}" + members);
    auto made = make_lookup(*stage.enrich, {});
    REQUIRE(made);
    lookup = std::move(*made);
  }
  std::string ask(const std::string& request, Milliseconds time = patience) {
    return told(lookup->ask(json(request), in(time)));
  }

  causeway::testing::TestDatabase database;
  std::unique_ptr<Lookup> lookup;
};

}  // namespace

TEST_CASE("rows come by their columns' names, all values as texts") {
  Asking asking("SELECT w.id, name, beds, NULL AS none FROM wards w WHERE id = $1 ORDER BY name");
  causeway::testing::run_sql(asking.database.url(),
                             "CREATE TABLE wards (id text, name text, beds numeric);"
                             "INSERT INTO wards VALUES ('W1', 'A \"one\"', 1.50), ('W1', 'B', 2)");
  CHECK(asking.ask(R"(["W1"])") == R"([{"id":"W1","name":"A \"one\"","beds":"1.50","none":null},)"
                                   R"({"id":"W1","name":"B","beds":"2","none":null}])");
  CHECK(asking.ask(R"(["W' OR 1=1 --"])") == "[]");
  CHECK(asking.ask(R"([null])") == "[]");
}

TEST_CASE("numbers and truth values are parameters too, and what isn't one is refused") {
  Asking asking("SELECT $1::int + 1 AS n, $2::bool AS b");
  CHECK(asking.ask("[41, true]") == R"([{"n":"42","b":"t"}])");
  for (const auto* request : {"{}", "\"x\"", "[[1], true]", "[\"a\\u0000b\", true]"}) {
    INFO(request);
    CHECK(asking.ask(request).starts_with("invalid: "));
  }
}

TEST_CASE("a statement reads, and no more; its errors name no value") {
  Asking writing("INSERT INTO t VALUES ($1)");
  causeway::testing::run_sql(writing.database.url(), "CREATE TABLE t (a text)");
  CHECK(writing.ask(R"(["x"])") == "refused: the database answers with error 25006");
  Asking casting("SELECT $1::int AS n");
  CHECK(casting.ask(R"(["DOE^JOHN"])") == "refused: the database answers with error 22P02");
  CHECK(casting.ask("[1]") == R"([{"n":"1"}])");
}

TEST_CASE("answers are bounded in rows, bytes and time, and the next is not held up") {
  Asking rows("SELECT generate_series(1, $1::int) AS n", "", R"(, "rows_max": 3)");
  CHECK(rows.ask("[4]").starts_with("limit: the answer has more rows"));
  CHECK(rows.ask("[2]") == R"([{"n":"1"},{"n":"2"}])");
  Asking bytes("SELECT repeat('x', $1::int) AS n", R"(, "answer_bytes_max": 1000)");
  CHECK(bytes.ask("[2000]").starts_with("limit: the answer has more than"));
  CHECK(bytes.ask("[1]") == R"([{"n":"x"}])");
  Asking slow("SELECT pg_sleep($1)::text AS n");
  CHECK(slow.ask("[100]", Milliseconds(200)).starts_with("timed_out: "));
  CHECK(slow.ask("[0]") == R"([{"n":""}])");
}

TEST_CASE("a connection that the server has closed is made anew, and nobody there is a failure") {
  Asking asking("SELECT 1 AS n");
  CHECK(asking.ask("[]") == R"([{"n":"1"}])");
  causeway::testing::run_sql(asking.database.url(),
                             "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                             "WHERE application_name = 'causeway enrich'");
  const auto again = asking.ask("[]");
  CHECK((again == R"([{"n":"1"}])" || again.starts_with("unavailable: ")));
  CHECK(asking.ask("[]") == R"([{"n":"1"}])");
  auto stage = stage_of(
      R"("sql": {"host": "/nowhere", "database": "x", "user": "y", "statement": "SELECT 1"})");
  auto nobody = make_lookup(*stage.enrich, {});
  REQUIRE(nobody);
  CHECK(told((*nobody)->ask(json("[]"), in(patience))).starts_with("unavailable: "));
}
