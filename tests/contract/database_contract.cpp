// The contract of databases.
#include "tests/contract/database_contract.h"

#include <catch2/catch.hpp>

namespace causeway::contract {
namespace {

using testing::delivered;
using testing::eventually;
using testing::FaultProxy;
using testing::file_delivery;
using testing::OriginIntake;
using Texts = std::vector<std::string>;

constexpr auto moment = std::chrono::milliseconds(150);

/// Fresh tables, and what the engine gives.
struct Bench : testing::FileBench {
  explicit Bench(DatabaseHarness& its_harness) : harness(its_harness) {
    environment.places = &places;
    harness.run("DROP TABLE IF EXISTS item");
    harness.run("DROP TABLE IF EXISTS done");
    harness.run(
        "CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, changed INT NOT NULL "
        "DEFAULT 0)");
    harness.run("CREATE TABLE done (id INT PRIMARY KEY)");
  }
  void insert(int id, int changed = 0) {
    harness.run("INSERT INTO item VALUES (" + std::to_string(id) + ", 'name " + std::to_string(id) +
                "', " + std::to_string(changed) + ")");
  }
  std::string common(std::uint16_t port, int timeout_ms) {
    return "{" + harness.fields(port ? port : harness.port()) +
           ", \"timeout_ms\": " + std::to_string(timeout_ms) + ", \"connect_timeout_ms\": 20000, ";
  }
  std::unique_ptr<Source> by_watermark(const std::string& more = "", std::uint16_t port = 0,
                                       int timeout_ms = 20'000) {
    return source("database", common(port, timeout_ms) +
                                  R"j("method": "watermark", "poll_interval_ms": 20,
      "query": "SELECT id, name, changed FROM item WHERE changed >= :watermark ORDER BY changed, id",
      "key": ["id"], "watermark_column": "changed", "watermark_start": "0")j" +
                                  more + "}");
  }
  std::unique_ptr<Source> by_mark(const std::string& more = "", std::uint16_t port = 0) {
    return source("database", common(port, 20'000) + R"j("method": "mark", "poll_interval_ms": 20,
      "query": "SELECT id, name FROM item WHERE id NOT IN (SELECT id FROM done) ORDER BY id",
      "key": ["id"], "mark": ["INSERT INTO done VALUES (:id)"])j" +
                                  more + "}");
  }
  std::unique_ptr<Sink> writer(const std::string& statements, std::uint16_t port = 0,
                               int timeout_ms = 20'000) {
    auto made =
        sink("database", common(port, timeout_ms) + "\"statements\": [" + statements + "]}");
    REQUIRE(made->start().ok());
    return made;
  }
  std::string upsert() const { return "{\"sql\": \"" + harness.upsert() + "\"}"; }
  std::string count(const std::string& table) {
    return harness.run("SELECT COUNT(*) FROM " + table);
  }

  DatabaseHarness& harness;
  testing::MemoryPlaces places;
};

/// A source at work; what it reads is known by its origin, as in the store.
struct Reading {
  Reading(std::unique_ptr<Source> its_source, OriginIntake& its_intake)
      : source(std::move(its_source)), intake(its_intake) {
    REQUIRE(source->start(intake).ok());
  }
  ~Reading() { source->stop(Milliseconds(0)); }
  std::unique_ptr<Source> source;
  OriginIntake& intake;
};

void check_watermark(DatabaseHarness& harness) {
  SECTION("watermark: each row is a message, in the query's order; new and changed rows come too") {
    Bench bench(harness);
    OriginIntake intake;
    bench.insert(2, 7);
    bench.insert(1, 5);
    Reading reading(bench.by_watermark(), intake);
    REQUIRE(intake.wait_for(2));
    CHECK(intake.text(0) == R"j({"id":1,"name":"name 1","changed":5})j");
    CHECK(intake.text(1) == R"j({"id":2,"name":"name 2","changed":7})j");
    CHECK(intake.message(0).content_type == ContentType::Json);
    CHECK(intake.message(0).sender.address == reading.source->address());
    bench.insert(3, 7);  // the same watermark as the last
    REQUIRE(intake.wait_for(3));
    harness.run("UPDATE item SET name = 'other', changed = 8 WHERE id = 1");
    REQUIRE(intake.wait_for(4));
    CHECK(intake.text(3) == R"j({"id":1,"name":"other","changed":8})j");
    std::this_thread::sleep_for(moment);
    CHECK(intake.stored() == 4);
    CHECK(reading.source->probe().good);
    CHECK_THAT(bench.log.text(), !Catch::Contains("name 1"));
  }
  SECTION("watermark: after a start it reads on where it was") {
    Bench bench(harness);
    OriginIntake intake, other;
    for (int i = 1; i <= 20; ++i) bench.insert(i, i);
    {
      Reading reading(bench.by_watermark(R"j(, "rows_max": 3)j"), intake);
      REQUIRE(intake.wait_for(20));
      REQUIRE(eventually([&] { return bench.places.count() == 1; }));
      reading.source->stop(std::chrono::seconds(20));
    }
    bench.insert(21, 21);
    Reading reading(bench.by_watermark(), other);
    REQUIRE(other.wait_for(2));  // the last of the first, and the new one
    std::this_thread::sleep_for(moment);
    CHECK(other.stored() == 2);
    CHECK(other.text(1) == R"j({"id":21,"name":"name 21","changed":21})j");
  }
  SECTION("watermark: what was stored, but whose place was not kept, is known again") {
    Bench bench(harness);
    OriginIntake intake;
    for (int i = 1; i <= 5; ++i) bench.insert(i, i);
    bench.places.go_away(true);
    Reading reading(bench.by_watermark(), intake);
    REQUIRE(eventually([&] { return intake.again() >= 5; }));
    bench.places.go_away(false);
    bench.insert(6, 6);
    REQUIRE(intake.wait_for(6));
    CHECK(intake.stored() == 6);
  }
  SECTION("watermark: what can't be read as it is said, is said, and mended in the query") {
    Bench bench(harness);
    OriginIntake intake;
    bench.insert(1, 1);
    const auto text_of_probe = [&](const std::string& more) {
      Reading reading(bench.by_watermark(more), intake);
      const auto probe = reading.source->probe();
      CHECK_FALSE(probe.good);
      return probe.text;
    };
    CHECK_THAT(text_of_probe(R"j(, "content_column": "nothing")j"),
               Catch::Contains("no such column") && Catch::Contains("id, name, changed"));
    harness.run("DROP TABLE item");
    CHECK_THAT(text_of_probe(""), Catch::Contains("item") && Catch::Contains("SQLSTATE"));
    CHECK(intake.stored() == 0);
  }
}

void check_mark(DatabaseHarness& harness) {
  SECTION("mark: rows are marked when they are stored") {
    Bench bench(harness);
    OriginIntake intake;
    for (int i = 1; i <= 10; ++i) bench.insert(i);
    Reading reading(bench.by_mark(R"j(, "rows_max": 4)j"), intake);
    REQUIRE(intake.wait_for(10));
    REQUIRE(eventually([&] { return bench.count("done") == "10"; }));
    CHECK(intake.text(9) == R"j({"id":10,"name":"name 10"})j");
    CHECK(intake.again() == 0);
    CHECK(reading.source->probe().good);
  }
  SECTION("mark: nothing is marked that isn't stored, and what was left is taken up again") {
    Bench bench(harness);
    OriginIntake intake;
    for (int i = 1; i <= 10; ++i) bench.insert(i);
    intake.store_at_most(6);  // the store hangs then
    {
      Reading reading(bench.by_mark(), intake);
      REQUIRE(intake.wait_for(6));
      std::this_thread::sleep_for(moment);
      CHECK(bench.count("done") == "0");
      reading.source->stop(Milliseconds(0));  // as a kill: nothing is waited for
    }
    intake.store_at_most(100);
    REQUIRE(intake.wait_for(10));
    Reading reading(bench.by_mark(), intake);
    REQUIRE(eventually([&] { return bench.count("done") == "10"; }));
    CHECK(intake.stored() == 10);
    CHECK(intake.again() == 10);
  }
  SECTION("mark: a row that can't be stored is not marked, and holds up no other") {
    Bench bench(harness);
    OriginIntake intake;
    intake.refuse(ErrorKind::Unavailable);  // a passing trouble: nothing is marked
    for (int i = 1; i <= 3; ++i) bench.insert(i);
    Reading reading(bench.by_mark(), intake);
    std::this_thread::sleep_for(moment);
    CHECK(bench.count("done") == "0");
    intake.refuse(ErrorKind::None);
    REQUIRE(eventually([&] { return bench.count("done") == "3"; }));
    CHECK_THAT(bench.log.text(),
               Catch::Contains("source_database_away") && Catch::Contains("source_database_back"));
  }
  SECTION("mark: while the intake wants no more, or it is paused, nothing is read") {
    Bench bench(harness);
    OriginIntake intake;
    intake.want_more(false);
    bench.insert(1);
    Reading reading(bench.by_mark(), intake);
    std::this_thread::sleep_for(moment);
    reading.source->pause(true);
    intake.want_more(true);
    std::this_thread::sleep_for(moment);
    CHECK(intake.stored() == 0);
    reading.source->pause(false);
    CHECK(intake.wait_for(1));
  }
  SECTION("mark: a column may be the message itself") {
    Bench bench(harness);
    OriginIntake intake;
    harness.run("INSERT INTO item VALUES (5, 'MSH|^~|LAB', 7)");
    Reading reading(bench.by_mark(R"j(, "content_column": "name")j"), intake);
    REQUIRE(intake.wait_for(1));
    CHECK(intake.text(0) == "MSH|^~|LAB");
    CHECK(intake.message(0).content_type == ContentType::Hl7v2);
    REQUIRE(find_attribute(intake.message(0).attributes, "id"));
    CHECK(*find_attribute(intake.message(0).attributes, "id") == "5");
  }
}

void check_source_faults(DatabaseHarness& harness) {
  SECTION("source: a server that goes away and comes back is read on") {
    Bench bench(harness);
    OriginIntake intake;
    bench.insert(1, 1);
    Reading reading(bench.by_watermark(), intake);
    REQUIRE(intake.wait_for(1));
    harness.end_sessions();
    bench.insert(2, 2);
    REQUIRE(intake.wait_for(2));
    harness.stop();
    const auto probe = reading.source->probe();
    CHECK_FALSE(probe.good);
    CHECK_THAT(probe.text, Catch::Contains(std::to_string(harness.port())));
    harness.start();
    bench.insert(3, 3);
    REQUIRE(intake.wait_for(3));
    CHECK(intake.stored() == 3);
  }
  SECTION("source: in slices, and cut at any byte, each row comes once") {
    Bench bench(harness);
    OriginIntake intake;
    for (int i = 1; i <= 6; ++i) bench.insert(i);
    FaultProxy proxy(harness.port());
    proxy.slice(7);
    Reading reading(bench.by_mark("", proxy.port()), intake);
    for (std::size_t bytes : {100u, 700u, 1500u, 3000u}) {
      proxy.cut_after(FaultProxy::Way::ToClient, bytes);
      std::this_thread::sleep_for(moment);
    }
    proxy.cut_after(FaultProxy::Way::ToClient, SIZE_MAX);
    REQUIRE(eventually([&] { return bench.count("done") == "6"; }));
    CHECK(intake.stored() == 6);
  }
  SECTION("source: a server that says nothing any more doesn't hold up a stop") {
    Bench bench(harness);
    OriginIntake intake;
    FaultProxy proxy(harness.port());
    bench.insert(1, 1);
    Reading reading(bench.by_watermark("", proxy.port()), intake);
    REQUIRE(intake.wait_for(1));
    proxy.hold_back(FaultProxy::Way::ToClient, true);
    std::this_thread::sleep_for(moment);
    reading.source->stop(Milliseconds(50));
    CHECK(reading.source->probe().text == "not polling");
  }
  SECTION("source: a row that is too long is an error, and no other is passed by") {
    Bench bench(harness);
    OriginIntake intake;
    bench.insert(1, 1);
    harness.run("INSERT INTO item VALUES (2, '" + std::string(90, 'x') + "', 2)");
    bench.insert(3, 3);
    Reading reading(bench.by_watermark(R"j(, "row_bytes_max": 50, "rows_max": 1)j"), intake);
    REQUIRE(intake.wait_for(1));
    REQUIRE(eventually([&] {
      return bench.log.text().find("source_database_away channel=lab/in kind=limit") !=
             std::string::npos;
    }));
    CHECK(intake.stored() == 1);
    harness.run("UPDATE item SET name = 'short' WHERE id = 2");
    REQUIRE(intake.wait_for(3));
  }
}

void check_writing(DatabaseHarness& harness) {
  SECTION("sink: values come by name, and are never part of a statement") {
    Bench bench(harness);
    auto sink = bench.writer(bench.upsert());
    CHECK(sink->probe().good);
    const auto attempt = delivered(
        *sink, file_delivery(1, R"j({"id": 1, "name": "O'Neil'); DROP TABLE item; -- ü€😀"})j"));
    INFO(attempt.reason.str());
    REQUIRE(attempt.outcome == Outcome::Delivered);
    CHECK(harness.run("SELECT name FROM item WHERE id = 1") == "O'Neil'); DROP TABLE item; -- ü€😀");
    CHECK(delivered(*sink, file_delivery(2, R"j({"id": 1, "name": "other"})j")).outcome ==
          Outcome::Delivered);
    CHECK(harness.run("SELECT name FROM item WHERE id = 1") == "other");
    CHECK(bench.count("item") == "1");
  }
  SECTION("sink: several statements and a list are one transaction") {
    Bench bench(harness);
    auto sink = bench.writer(
        R"j({"sql": "INSERT INTO done VALUES (:order.id)"},
           {"sql": "INSERT INTO item (id, name) VALUES (:id, :patient)", "for_each": "order.items"})j");
    const auto order = [](const char* id, const char* items) {
      return std::string(R"j({"patient": "Ada", "order": {"id": )j") + id + R"j(, "items": [)j" +
             items + "]}}";
    };
    const auto attempt = delivered(
        *sink, file_delivery(1, order("7", R"j({"id": 1}, {"id": 2, "patient": "Bob"})j")));
    INFO(attempt.reason.str());
    REQUIRE(attempt.outcome == Outcome::Delivered);
    CHECK(attempt.response == R"j({"rows":[1,2]})j");
    CHECK(harness.run("SELECT name FROM item WHERE id = 1") == "Ada");
    CHECK(harness.run("SELECT name FROM item WHERE id = 2") == "Bob");

    const auto second = delivered(*sink, file_delivery(2, order("8", R"j({"id": 3}, {"id": 1})j")));
    CHECK(second.outcome == Outcome::Rejected);
    CHECK_FALSE(second.destination_down);
    CHECK_THAT(second.reason.str(), Catch::Contains("SQLSTATE 23"));
    CHECK(bench.count("done") == "1");
    CHECK(bench.count("item") == "2");
    CHECK(delivered(*sink, file_delivery(3, order("8", ""))).outcome == Outcome::Delivered);
  }
  SECTION("sink: what is not in the content, or no JSON, is rejected; null has to be said") {
    Bench bench(harness);
    auto sink = bench.writer(bench.upsert());
    const auto rejected = [&](const char* content) {
      const auto attempt = delivered(*sink, file_delivery(1, content));
      CHECK(attempt.outcome == Outcome::Rejected);
      return attempt.reason.str();
    };
    CHECK_THAT(rejected(R"j({"id": 1})j"), Catch::Contains(":name"));
    CHECK_THAT(rejected("MSH|^~\\&|"), Catch::Contains("no JSON"));
    CHECK_THAT(rejected(R"j({"id": 1, "name": null})j"), Catch::Contains("SQLSTATE 23"));
    CHECK_THAT(rejected(R"j({"id": 1, "name": "a\u0000b"})j"), Catch::Contains("zero"));
    CHECK_THAT(rejected(R"j({"id": "one", "name": "x"})j"), Catch::Contains("SQLSTATE"));
    CHECK(bench.count("item") == "0");
  }
  SECTION("sink: a statement may have to change rows") {
    Bench bench(harness);
    auto sink = bench.writer(
        R"j({"sql": "INSERT INTO done VALUES (:id)"},
           {"sql": "UPDATE item SET name = :name WHERE id = :id", "rows_min": 1})j");
    CHECK(delivered(*sink, file_delivery(1, R"j({"id": 1, "name": "x"})j")).outcome ==
          Outcome::Rejected);
    CHECK(bench.count("done") == "0");
    bench.insert(1);
    CHECK(delivered(*sink, file_delivery(1, R"j({"id": 1, "name": "x"})j")).outcome ==
          Outcome::Delivered);
  }
  SECTION("sink: a statement that can't work is no fault of the content") {
    Bench bench(harness);
    auto sink = bench.writer(R"j({"sql": "INSERT INTO nowhere VALUES (:id)"})j");
    const auto attempt = delivered(*sink, file_delivery(1, R"j({"id": 1})j"));
    CHECK(attempt.outcome == Outcome::Deferred);
    CHECK(attempt.destination_down);
    harness.run("CREATE TABLE nowhere (id INT)");
    CHECK(delivered(*sink, file_delivery(1, R"j({"id": 1})j")).outcome == Outcome::Delivered);
    harness.run("DROP TABLE nowhere");
  }
}

void check_sink_faults(DatabaseHarness& harness) {
  SECTION("sink: a server that is away is down, and the delivery is tried again") {
    Bench bench(harness);
    auto sink = bench.writer(bench.upsert());
    const auto delivery = file_delivery(1, R"j({"id": 1, "name": "x"})j");
    REQUIRE(delivered(*sink, delivery).outcome == Outcome::Delivered);
    harness.end_sessions();  // a kept session is made anew without a word
    CHECK(delivered(*sink, delivery).outcome == Outcome::Delivered);
    harness.stop();
    const auto attempt = delivered(*sink, delivery);
    CHECK(attempt.outcome == Outcome::Deferred);
    CHECK(attempt.destination_down);
    CHECK_FALSE(sink->probe().good);
    harness.start();
    CHECK(delivered(*sink, delivery).outcome == Outcome::Delivered);
  }
  SECTION("sink: cut before the commit is Deferred; in the commit, Ambiguous") {
    Bench bench(harness);
    FaultProxy proxy(harness.port());
    auto sink = bench.writer(R"j({"sql": "INSERT INTO item (id, name) VALUES (:id, :name)"})j",
                             proxy.port());
    const auto passed = [&] {
      std::this_thread::sleep_for(moment);  // it counts what has been passed on
      return proxy.passed(FaultProxy::Way::ToClient);
    };
    const auto deliver = [&](int id) {
      return delivered(*sink,
                       file_delivery(id, R"j({"name": "x", "id": )j" + std::to_string(id) + "}"));
    };
    REQUIRE(deliver(11).outcome == Outcome::Delivered);
    const auto before = passed();
    REQUIRE(deliver(12).outcome == Outcome::Delivered);
    const auto whole = passed() - before;

    proxy.cut_after(FaultProxy::Way::ToClient, whole - 1);
    CHECK(deliver(13).outcome == Outcome::Ambiguous);
    CHECK(eventually([&] { return bench.count("item") == "3"; }));  // it was committed

    // On a session that is made for it: all of its bytes before the commit's answer.
    proxy.cut_after(FaultProxy::Way::ToClient, SIZE_MAX);
    const auto start = passed();
    REQUIRE(deliver(14).outcome == Outcome::Delivered);
    const auto with_session = passed() - start;
    proxy.cut_all();
    proxy.cut_after(FaultProxy::Way::ToClient, with_session - whole + 1);
    const auto cut = deliver(15);
    CHECK(cut.outcome == Outcome::Deferred);
    CHECK(cut.destination_down);
    proxy.cut_after(FaultProxy::Way::ToClient, SIZE_MAX);
    CHECK(deliver(15).outcome == Outcome::Delivered);
    CHECK(bench.count("item") == "5");
  }
  SECTION("sink: a server that doesn't answer is given up in time, and on a stop") {
    Bench bench(harness);
    FaultProxy proxy(harness.port());
    auto sink = bench.writer(bench.upsert(), proxy.port(), 500);
    const auto delivery = file_delivery(1, R"j({"id": 1, "name": "x"})j");
    REQUIRE(delivered(*sink, delivery).outcome == Outcome::Delivered);
    proxy.hold_back(FaultProxy::Way::ToClient, true);
    CHECK(delivered(*sink, delivery).outcome == Outcome::Deferred);
    std::promise<Attempt> promise;
    sink->deliver(delivery, [&](Attempt attempt) { promise.set_value(std::move(attempt)); });
    std::this_thread::sleep_for(moment);
    sink->stop(Milliseconds(50));
    CHECK(promise.get_future().get().outcome == Outcome::Deferred);
  }
  SECTION("sink: a statement that takes too long, or is in the way of another, is tried again") {
    Bench bench(harness);
    auto slow = bench.writer("{\"sql\": \"" + harness.slow_statement() + "\"}", 0, 300);
    const auto late = delivered(*slow, file_delivery(1, "{}"));
    CHECK(late.outcome == Outcome::Deferred);
    CHECK(late.reason.kind == ErrorKind::TimedOut);
    CHECK_FALSE(late.destination_down);
  }
  SECTION("sink: nothing is written once the lease is gone") {
    Bench bench(harness);
    auto sink = bench.writer(bench.upsert());
    bench.holds_lease = false;
    const auto attempt = delivered(*sink, file_delivery(1, R"j({"id": 1, "name": "x"})j"));
    CHECK(attempt.outcome == Outcome::Deferred);
    CHECK(attempt.reason.kind == ErrorKind::Stopped);
    CHECK(bench.count("item") == "0");
  }
}

}  // namespace

void check_database(DatabaseHarness& harness) {
  check_watermark(harness);
  check_mark(harness);
  check_source_faults(harness);
  check_writing(harness);
  check_sink_faults(harness);
}

std::string run_on(connectors::database::Database& database, const std::string& sql) {
  using connectors::database::Rows;
  const std::atomic<bool> never{false};
  auto session = database.open(never);
  if (!session) throw std::runtime_error(session.error().str());
  std::string value;
  const auto check = [&](const auto& result) {
    if (!result) throw std::runtime_error(sql + ": " + result.error().str());
  };
  check((*session)->begin(connectors::database::Session::Access::Write));
  if (sql.starts_with("SELECT")) {
    check((*session)->read({sql, {}}, {1, 1'000'000, 1'000'000}, [&](Rows rows) -> Result<bool> {
      if (!rows.rows.empty()) value = rows.rows[0][0].text;
      return false;
    }));
  } else {
    check((*session)->change({sql, {}}));
  }
  check((*session)->commit());
  return value;
}

}  // namespace causeway::contract
