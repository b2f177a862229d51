// The plans of the production queries: each uses its index, and looks only into the partitions it
// needs. On tables large enough for PostgreSQL to care.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <regex>

#include "engine/store/failure_table.h"
#include "engine/store/partitions.h"
#include "engine/store/postgres/connection.h"
#include "engine/store/queries/view_queries.h"
#include "engine/store/replay_table.h"
#include "engine/store/work_queries.h"
#include "tests/integration/store/store_bench.h"

namespace causeway::testing {
namespace {

constexpr int days = 3;
constexpr int rows_a_day = 20'000;

/// Three days of messages of ten channels, all done, and some attention.
class FilledDatabase {
 public:
  FilledDatabase() {
    for (int ago = days - 1; ago >= 0; --ago) {
      bench_.clock.moved_days = -ago;
      store_ = bench_.open();
      fill(first_id_of(bench_.clock.today()).value);
    }
    bench_.sql(
        "INSERT INTO attention SELECT i, 0, 0, i % 50, i % 10 + 1, 1, 1, 0, 1 + i % 5, 1, 1, 0, 1, "
        "0,"
        " false, NULL, NULL FROM generate_series(1, 20000) i");
    bench_.sql("INSERT INTO failure_message SELECT i % 7, i FROM generate_series(1, 20000) i");
    bench_.sql(
        "INSERT INTO failure_cause SELECT i, 0, i, 1, 3, 1, 1, 1, 7, '', '', '' FROM"
        " generate_series(1, 20000) i");
    bench_.sql("INSERT INTO replay_message SELECT i % 7, i, 0 FROM generate_series(1, 20000) i");
    bench_.sql("ANALYZE");
  }

  /// The plan, with the parameters' values in their places: as PostgreSQL plans for each call.
  std::string plan(std::string query, const std::vector<std::string>& values) const {
    for (auto n = values.size(); n > 0; --n)
      query = std::regex_replace(query, std::regex("\\$" + std::to_string(n) + "(?![0-9])"),
                                 values[n - 1]);
    return bench_.sql(store::Connection::planner_settings +
                      std::string("SELECT plan FROM explained($explain$") + query + "$explain$)");
  }
  std::int64_t first_id(int days_ago) const {
    return first_id_of(today() - std::chrono::days(days_ago)).value;
  }
  Day today() const { return bench_.clock.today(); }

 private:
  void fill(std::int64_t first) const {
    const auto each = fmt::format(" FROM generate_series(1, {}) i", rows_a_day);
    const auto id = fmt::format("{} + i * 65536", first);
    bench_.sql("INSERT INTO message SELECT " + id +
               ", 0, 100, i % 50, i, i, NULL, i % 10 + 1, 0, 0, i % 7, i % 3, NULL, repeat('x', "
               "200)::bytea" +
               each);
    bench_.sql("INSERT INTO passage SELECT " + id +
               ", 0, NULL, i % 10 + 1, 1, 1, 1, 1, 0, 0, NULL, '{1,2}', '', NULL,"
               " repeat('x', 200)::bytea, NULL" +
               each);
    bench_.sql("INSERT INTO settlement SELECT " + id +
               ", i, 0, NULL, 1, 1, 2, 1, 1, 0, 0, NULL, true, NULL, NULL, NULL" + each);
    bench_.sql(
        fmt::format("INSERT INTO term_bucket SELECT {} + b * 65536 * 1000"
                    " FROM generate_series(0, 19) b",
                    first + 65536));
    bench_.sql(fmt::format("INSERT INTO term SELECT {} + ((i - 1) / 1000) * 65536 * 1000, i, {}",
                           first + 65536, id) +
               each);
    bench_.sql("INSERT INTO link SELECT " + id + ", i, 3, true" + each);
    bench_.sql(
        fmt::format("INSERT INTO body_chunk SELECT {} + i * 65536, c, 1, 'x' FROM"
                    " generate_series(1, 2000) i, generate_series(0, 2) c",
                    first));
    bench_.sql(
        "CREATE OR REPLACE FUNCTION explained(query text, OUT plan text) LANGUAGE plpgsql AS $$"
        " DECLARE line text; BEGIN plan := ''; FOR line IN EXECUTE 'EXPLAIN ' || query LOOP"
        " plan := plan || line || E'\\n'; END LOOP; END $$");
  }

  Database bench_;
  std::unique_ptr<store::PostgresStore> store_;
};

bool mentions(const std::string& plan, std::string_view text) {
  return plan.find(text) != std::string::npos;
}

/// No table of the journal is read from end to end.
void check_indexed(const std::string& plan) {
  INFO(plan);
  CHECK_FALSE(std::regex_search(
      plan, std::regex("Seq Scan on (message|passage|settlement|term|link|body_chunk|body_of|"
                       "attention|origin|replay_message|failure_message|failure_cause)")));
}

/// Of the three days, only this one's partitions.
void check_pruned(const std::string& plan, Day day) {
  INFO(plan);
  for (int ago = -3; ago < days; ++ago) {
    const auto other = day - std::chrono::days(ago);
    if (other != day) CHECK_FALSE(mentions(plan, store::partition_name("", other)));
  }
}

TEST_CASE("production queries use their indexes and prune partitions", "[plans]") {
  const FilledDatabase database;
  const auto day = database.today() - std::chrono::days(1);
  const auto id = std::to_string(database.first_id(1) + 777 * 65536);
  const auto from = std::to_string(database.first_id(1) + 65536);
  const auto upto = std::to_string(database.first_id(1) + 9000 * 65536);
  using namespace store;  // NOLINT: names of queries
  const std::vector<std::pair<const char*, std::vector<std::string>>> of_one_day = {
      {work_sql::open_runs, {"3", from, upto, "512"}},
      {work_sql::open_deliveries, {"3", "2", from, upto, "512"}},
      {work_sql::message, {id}},
      {work_sql::deliveries, {fmt::format("'{{{}}}'", id), "'{1}'", id, id}},
      {work_sql::reply_of, {id}},
      {view_sql::message, {id}},
      {view_sql::channel_of, {id}},
      {view_sql::passages, {id}},
      {view_sql::settlements, {id}},
      {view_sql::links, {id}},
      {view_sql::recent, {from, upto, "1000", "'{3}'", "50", "'{1}'"}},
      {view_sql::with_facets,
       {"'{777,778}'", "'{1,2}'", std::to_string(database.first_id(1)), from, upto, from, upto, "3",
        "'{1}'", "'{2}'", "'{}'", "50"}},
      {view_sql::with_term,
       {"777", std::to_string(database.first_id(1)), std::to_string(database.first_id(0)), from,
        upto, "50"}},
      {view_sql::summaries, {"'{" + id + "}'", "'{}'", id, id, "'{3}'", "'{1,5}'"}},
  };
  for (const auto& [query, values] : of_one_day) {
    const auto plan = database.plan(query, values);
    check_indexed(plan);
    check_pruned(plan, day);
  }
  const std::vector<std::pair<const char*, std::vector<std::string>>> others = {
      {work_sql::last_message, {"0"}},
      {work_sql::recent_duplicate_keys, {"1000"}},
      {work_sql::state, {"3", "7", "9"}},
      {view_sql::queues, {}},
      {work_sql::attention, {"3", "1", "100", "1", "0", "512"}},
      {work_sql::behind, {"3", "1", "7", "512"}},
      {view_sql::attention, {"777"}},
      {view_sql::in_attention, {"'{3,5}'", "'{1,5,13}'", from, upto, "'{3}'", "50"}},
      {view_sql::in_attention, {"'{3,5}'", "'{1,5,13}'", "0", upto, "'{}'", "50"}},
      {view_sql::newest_bucket, {from, upto}},
      {view_sql::with_cause, {"3", from, upto, "50"}},
      {failure_sql::find, {"'{3}'", "20000", "0", "50"}},
      {failure_sql::open, {"'{3,4}'", "1000"}},
      {replay_sql::messages, {"3", "500", "64"}},
  };
  for (const auto& [query, values] : others) check_indexed(database.plan(query, values));
}

}  // namespace
}  // namespace causeway::testing
