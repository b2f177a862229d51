// What finding costs on a large store, and what dropping a day of it costs:
//
//   search_bench [MESSAGES]
//
// Starts a PostgreSQL of its own in a temporary folder (some 1.2 GB for a million messages), fills
// ten days with so many messages (default: ten million; three terms each; clones whose content does
// not open, and on each day a few real ones), and prints for each kind of search the first and the
// median time of a page, then the time and the disk of retention's drop and rewriting of a day.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "engine/store/journal/facets.h"
#include "engine/store/queries/message_search.h"
#include "engine/store/retention.h"
#include "tests/integration/store/store_bench.h"

namespace {

using namespace causeway;           // NOLINT: a program of one file
using namespace causeway::testing;  // NOLINT

constexpr int days = 10;
constexpr int channels = 10;
constexpr std::int16_t content_days = days - 3;
constexpr std::int64_t bucket_messages = 1 << 18;

double ms_since(SteadyTime start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Fills one day after the other; the clock then stands at the last.
class Filler {
 public:
  Filler(Database& database, std::int64_t a_day) : database_(database), a_day_(a_day) {}

  void fill_day() {
    auto store = database_.open();
    const auto today = database_.clock.today();
    std::vector<ChannelId> ids;
    for (int i = 0; i <= channels; ++i) {
      ids.push_back(must(store->registry().channel("bench/" + std::to_string(i))));
      must(store->registry().set_retention(ids.back(), {content_days, 0, false}));
    }
    for (int i = 0; i < 5; ++i) {
      auto arrival = message_for(ids.back(), "a rare one");
      arrival.type = "MDM^T02";
      arrival.draft.sender.address = "192.0.2.99:1";
      arrival.terms = {{"PID-3.1", "rare"}, {"MSH-10", std::to_string(i)}};
      done_message(*store, arrival, DestinationId{1});
    }
    clone(store->sealer(), today, ids);
  }

 private:
  /// Ids spread evenly over the day, from its first second on.
  void clone(store::Sealer& sealer, Day day, const std::vector<ChannelId>& ids) {
    const auto first = first_id_of(day).value;
    const auto step = (first_id_of(day + std::chrono::days(1)).value - first) / (a_day_ + 1);
    const auto id = fmt::format("({} + i * {})", first, step);
    const auto each = fmt::format(" FROM generate_series(1, {}::bigint) i", a_day_);
    const auto type = store::type_term(sealer, day, "ADT^A01");
    const auto other = store::type_term(sealer, day, "ORU^R01");
    const auto peer = store::peer_term(sealer, day, "192.0.2.1");
    database_.sql(fmt::format(
        "INSERT INTO message SELECT {}, 0, 700, i % 50000, i, i, NULL, i % {} + 1, {}, 0,"
        " CASE WHEN i % 100 = 0 THEN {} ELSE {} END, {}, NULL,"
        " decode(repeat(md5(i::text), 10), 'hex'){}",
        id, channels, content_days, store::facet_key(type), store::facet_key(other),
        store::facet_key(peer), each));
    database_.sql("INSERT INTO passage SELECT " + id +
                  ", 0, NULL, i % 10 + 1, 1, 1, 1, 1, 7, 0, NULL, '{1}', 'x', NULL,"
                  " decode(repeat(md5(i::text), 8), 'hex'), NULL" +
                  each);
    database_.sql("INSERT INTO settlement SELECT " + id +
                  ", i, 0, NULL, 1, 1, 2, 1, 0, 0, 7, NULL, true, NULL,"
                  " decode(repeat(md5(i::text), 4), 'hex'), NULL" +
                  each);
    const auto bucket = fmt::format("({} + (i - 1) / {} * {} * {} + {})", first, bucket_messages,
                                    bucket_messages, step, step);
    database_.sql("INSERT INTO term_bucket SELECT DISTINCT " + bucket + each +
                  " ON CONFLICT DO NOTHING");
    database_.sql(
        fmt::format("INSERT INTO term SELECT {}, hashint8extended(i % "
                    "CASE n WHEN 0 THEN 50000 ELSE 100000000 END, n), {}{},"
                    " generate_series(0, 2) n",
                    bucket, id, each));
    std::string terms = fmt::format("{},{},{}", type, other, peer);
    for (auto channel : ids) terms += fmt::format(",{}", store::channel_term(sealer, day, channel));
    database_.sql(fmt::format(
        "INSERT INTO term SELECT bucket, t, id FROM (SELECT min({0}) AS bucket, min({1}) AS id{2}"
        " GROUP BY {1} >> 32) b, unnest(ARRAY[{3}]::bigint[]) t ON CONFLICT DO NOTHING",
        bucket, id, each, terms));
  }

  Database& database_;
  const std::int64_t a_day_;
};

store::SearchRequest all_time() {
  store::SearchRequest request;
  request.to = SystemTime(std::chrono::microseconds(4'000'000'000'000'000));
  return request;
}

void measure(store::PostgresStore& store, const char* what, const store::SearchRequest& request) {
  constexpr int rounds = 21;
  std::vector<double> times;
  std::size_t found = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    found = must(store.search().find(request)).found.size();
    times.push_back(ms_since(start));
  }
  const double first = times.front();
  std::sort(times.begin(), times.end());
  std::printf("%-44s %5zu found, first %7.1f ms, median %7.1f ms\n", what, found, first,
              times[rounds / 2]);
}

void measure_searches(store::PostgresStore& store) {
  auto request = all_time();
  measure(store, "newest", request);
  request.term = SearchTerm{"PID-3.1", "rare"};
  measure(store, "term, 50 among all days", request);
  request.term->value = "nobody";
  measure(store, "term that nothing has", request);
  request = all_time();
  request.type = "ADT^A01";
  measure(store, "type, one message in a hundred", request);
  request.type = "MDM^T02";
  measure(store, "type, five messages a day", request);
  request.type = "ZZZ^Z99";
  measure(store, "type that nothing has", request);
  request = all_time();
  request.peer = "192.0.2.99";
  measure(store, "peer, five messages a day", request);
  request = all_time();
  request.channels = {ChannelId{3}};
  measure(store, "channel, one message in ten", request);
  request.channels = {ChannelId{channels + 1}};
  measure(store, "channel, five messages a day", request);
  request.channels = {ChannelId{3}};
  request.runs = {RunState::Passed};
  measure(store, "channel and how the run ended", request);
  request = all_time();
  request.attention = {AttentionState::Held};
  measure(store, "state held, one in 51", request);
  request.kinds = {ErrorKind::TimedOut};
  measure(store, "state held and error class", request);
  request = all_time();
  request.attention = {AttentionState::Behind, AttentionState::Parked, AttentionState::Held};
  measure(store, "all that needs attention", request);
}

void measure_retention(Database& database, store::PostgresStore& store, const char* what, Day today,
                       store::ChannelRetention retention) {
  for (const auto& channel : must(store.registry().channels()))
    must(store.registry().set_retention(channel.id, retention));
  const auto before = std::stoll(database.sql("SELECT pg_database_size(current_database())"));
  const auto start = std::chrono::steady_clock::now();
  const auto done = must(store.retention().run(today));
  const auto after = std::stoll(database.sql("SELECT pg_database_size(current_database())"));
  int counts[3] = {};
  for (const auto& day : done) ++counts[static_cast<int>(day.what)];
  std::printf("%-44s %.1f s; days dropped %d, rewritten %d, carried %d; %.0f MB freed\n", what,
              ms_since(start) / 1e3, counts[0], counts[1], counts[2],
              static_cast<double>(before - after) / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  const auto messages = argc > 1 ? std::atoll(argv[1]) : 10'000'000;
  Database database;
  const auto start = std::chrono::steady_clock::now();
  for (int ago = days - 1; ago >= 0; --ago) {
    database.clock.moved_days = -ago;
    Filler(database, messages / days).fill_day();
  }
  // On yesterday: up to a million that stand behind others, which are held.
  const auto yesterday = first_id_of(database.clock.today() - std::chrono::days(1)).value;
  database.sql(fmt::format(
      "INSERT INTO attention (message, since, due, order_key, channel, destination, run, part, "
      "state,"
      " outcome, kind, class, attempts, flags, suspect) SELECT id, 0, 0, i % 50,"
      " channel, 1, 1, 0, CASE WHEN i % 51 = 0 THEN 3 ELSE 4 END, 1, CASE i % 3 WHEN 0 THEN 13"
      " WHEN 1 THEN 5 ELSE 6 END, 0, 1, 0, false FROM (SELECT id, channel, row_number() OVER"
      " (ORDER BY id) AS i FROM message WHERE id >= {} ORDER BY id LIMIT 1020000) AS newest",
      yesterday));
  database.sql("ANALYZE");
  std::printf("filled with %lld messages in %.0f s: %.1f GB\n", static_cast<long long>(messages),
              ms_since(start) / 1e3,
              std::stod(database.sql("SELECT pg_database_size(current_database())")) / 1e9);
  std::fflush(stdout);
  auto store = database.open();
  measure_searches(*store);
  std::fflush(stdout);
  const auto today = database.clock.today();
  measure_retention(database, *store, "retention: all of the oldest day",
                    today - std::chrono::days(1), {content_days, content_days, false});
  measure_retention(database, *store, "retention: content of the next day", today,
                    {content_days, 0, false});
  return 0;
}
