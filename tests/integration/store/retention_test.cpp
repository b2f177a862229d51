// Retention frees disk, keeps what it must, and shreds.
#include <catch2/catch.hpp>

#include "engine/store/queries/message_search.h"
#include "engine/store/queries/message_view.h"
#include "engine/store/retention.h"
#include "tests/integration/store/store_bench.h"

namespace causeway::testing {
namespace {

using store::RetainedDay;

/// Channels `brief` (content for 10 days, lineage for 100) and `kept` (for ever), with messages of
/// 40 days ago; the clock then stands at today.
struct Fixture {
  Database database;
  std::unique_ptr<store::PostgresStore> store;
  ChannelId brief, kept;
  DestinationId to_brief, to_kept;
  std::vector<WorkRef> of_brief, of_kept;

  Fixture() {
    database.clock.moved_days = -40;
    store = database.open();
    auto& registry = store->registry();
    brief = must(registry.channel("brief"));
    kept = must(registry.channel("kept"));
    to_brief = must(registry.destination(brief, "out"));
    to_kept = must(registry.destination(kept, "out"));
    must(registry.set_retention(brief, {10, 100, false}));
  }

  void fill(int messages) {
    for (int i = 0; i < messages; ++i) {
      auto arrival = message_for(brief, noise(3000, i));
      arrival.terms = {{"MSH-10", std::to_string(i)}};
      arrival.draft.origin = Origin{"file", static_cast<std::uint64_t>(i)};
      of_brief.push_back(done_message(*store, arrival, to_brief));
    }
    of_kept.push_back(done_message(*store, message_for(kept, "kept body"), to_kept));
  }

  void come_to_today() {
    store.reset();
    database.clock.moved_days = 0;
    store = database.open();
  }

  static std::string noise(std::size_t bytes, int seed) {
    std::string text;
    auto state = static_cast<unsigned>(seed) * 2654435761u + 1;
    while (text.size() < bytes) {
      state = state * 1664525 + 1013904223;
      text.push_back(static_cast<char>(state >> 24));
    }
    return text;
  }
};

TEST_CASE("content goes, lineage stays, disk is freed, other channels are untouched",
          "[retention]") {
  Fixture it;
  it.fill(100);
  it.come_to_today();
  const auto done = must(it.store->retention().run(it.database.clock.today()));
  REQUIRE(done.size() >= 1);
  const auto& day = *std::find_if(done.begin(), done.end(), [&](const auto& each) {
    return each.day == day_of(it.of_brief[0].message);
  });
  CHECK(day.what == RetainedDay::What::Rewritten);
  CHECK(day.bytes_freed > 100 * 3000);

  const auto view = must(it.store->messages().show(it.of_brief[3].message));
  REQUIRE(view.content_error);
  CHECK(view.content_error->kind == ErrorKind::NotFound);
  CHECK(view.body_bytes == 3000);
  CHECK(view.runs.at(0).deliveries.size() == 1);
  CHECK(view.attempts.at(0).outcome == Outcome::Delivered);
  CHECK(view.attempts.at(0).response.empty());
  CHECK(view.replies.at(0).state == ReplyState::Sent);
  CHECK(it.store->work().message(it.of_brief[3].message).error().kind == ErrorKind::NotFound);
  CHECK(it.store->work().delivery(it.of_brief[3]).error().kind == ErrorKind::NotFound);
  CHECK(it.database.sql("SELECT count(*) FROM data_key WHERE retention = 10 AND wrapped = ''") ==
        "1");

  CHECK(must(it.store->work().message(it.of_kept[0].message)).arrival.draft.body.view() ==
        "kept body");
  CHECK(must(it.store->work().delivery(it.of_kept[0])).body.size() == 300);
  CHECK(must(it.store->work().reply_of(it.of_kept[0].message))->bytes == "reply");
  store::SearchRequest request;
  request.to = it.database.clock.now();
  request.term = SearchTerm{"MSH-10", "3"};
  CHECK(must(it.store->search().find(request)).found.at(0).content_gone);

  // A second run finds nothing to do.
  CHECK(must(it.store->retention().run(it.database.clock.today())).empty());
}

TEST_CASE("state that nothing has changed since goes with its content", "[retention]") {
  Fixture it;
  for (auto channel : {it.brief, it.kept}) {
    Passage passage;
    passage.message = accepted(*it.store, message_for(channel, "in"));
    passage.channel = channel;
    passage.states = {{7, 1, {"counter", "5"}}};
    must(wait_for(record_later(it.store->journal(), passage)));
  }
  it.come_to_today();
  CHECK(must(it.store->work().state(it.brief, 7, 1)) == "5");
  must(it.store->retention().run(it.database.clock.today()));
  CHECK_FALSE(must(it.store->work().state(it.brief, 7, 1)));
  CHECK(must(it.store->work().state(it.kept, 7, 1)) == "5");
}

TEST_CASE("when all lineage is over the day is dropped", "[retention]") {
  Fixture it;
  must(it.store->registry().set_retention(it.kept, {20, 30, false}));
  must(it.store->registry().set_retention(it.brief, {10, 30, false}));
  it.fill(5);
  it.come_to_today();
  const auto done = must(it.store->retention().run(it.database.clock.today()));
  const auto day = day_of(it.of_brief[0].message);
  CHECK(std::any_of(done.begin(), done.end(), [&](const auto& each) {
    return each.day == day && each.what == RetainedDay::What::Dropped && each.bytes_freed > 0;
  }));
  CHECK(it.database.sql("SELECT count(*) FROM message") == "0");
  CHECK(it.database.sql("SELECT coalesce(to_regclass('" + store::partition_name("message", day) +
                        "')::text, 'gone')") == "gone");
  CHECK(it.database.sql("SELECT count(*) FROM origin") == "0");
  CHECK(it.database.sql("SELECT count(*) FROM term_bucket") == "0");
  CHECK(it.store->messages().show(it.of_brief[0].message).error().kind == ErrorKind::NotFound);
  // The store goes on.
  done_message(*it.store, message_for(it.brief, "new"), it.to_brief);
}

TEST_CASE("one channel's lineage goes, the other's stays", "[retention]") {
  Fixture it;
  must(it.store->registry().set_retention(it.brief, {10, 30, false}));
  it.fill(5);
  it.come_to_today();
  must(it.store->retention().run(it.database.clock.today()));
  CHECK(it.database.sql("SELECT count(*) FROM message") == "1");
  CHECK(it.database.sql("SELECT count(*) FROM passage") == "1");
  CHECK(it.database.sql("SELECT count(*) FROM settlement") == "1");
  CHECK(it.database.sql("SELECT count(*) FROM term") == "1");  // that it is of its channel
  CHECK(it.database.sql("SELECT count(*) FROM origin") == "0");
  CHECK(must(it.store->work().message(it.of_kept[0].message)).arrival.draft.body.view() ==
        "kept body");
}

RetainedDay of_day(const std::vector<RetainedDay>& days, Day day) {
  for (const auto& each : days)
    if (each.day == day) return each;
  throw std::runtime_error("nothing was done with the day");
}

/// Delivered, or not run at all; with a term, and a body that takes room.
struct OpenWork {
  MessageId not_run;
  WorkRef held;
  WorkRef half_done;  // one of two deliveries to its destination is over

  explicit OpenWork(Fixture& it) {
    auto arrival = message_for(it.brief, "not run");
    arrival.terms = {{"MSH-10", "OPEN"}};
    arrival.type = "ADT^A01";
    arrival.draft.origin = Origin{"file", 1000};
    not_run = accepted(*it.store, arrival);
    arrival.draft.origin.reset();
    arrival.draft.body = Body(make_bytes(std::string("held")));
    arrival.draft.links = {{not_run, LinkKind::Replay}};
    held = done_message(*it.store, arrival, it.to_brief);
    Settlement settlement;
    AttentionRow row;
    row.queue = {it.brief, it.to_brief};
    row.work = held;
    row.state = AttentionState::Held;
    row.reason = "why";
    settlement.attention = {row};
    must(wait_for(settle_later(it.store->journal(), settlement)));
    make_half_done(it);
  }

  void make_half_done(Fixture& it) {
    half_done = {accepted(*it.store, message_for(it.brief, "half done")), RunNumber{1},
                 it.to_brief};
    Passage passage;
    passage.message = half_done.message;
    passage.channel = it.brief;
    for (const auto* body : {"first", "second"}) {
      DeliveryRecord delivery;
      delivery.destination = it.to_brief;
      delivery.body = Body(make_bytes(std::string(body)));
      passage.deliveries.push_back(delivery);
    }
    must(wait_for(record_later(it.store->journal(), passage)));
    settle(it, half_done);
  }

  static void settle(Fixture& it, WorkRef work) {
    Settlement settlement;
    AttemptRecord attempt;
    attempt.work = work;
    settlement.attempts.push_back(attempt);
    must(wait_for(settle_later(it.store->journal(), settlement)));
  }

  void finish(Fixture& it) const {
    Passage passage;
    passage.message = not_run;
    passage.channel = it.brief;
    passage.state = RunState::Filtered;
    must(wait_for(record_later(it.store->journal(), passage)));
    Settlement settlement;
    settlement.attention_settled = {held};
    settlement.channel = it.brief;
    must(wait_for(settle_later(it.store->journal(), settlement)));
    settle(it, half_done);
  }
};

/// Found, shown with lineage, and with all that is needed to run and to deliver them.
void check_whole(Fixture& it, const OpenWork& open) {
  store::SearchRequest request;
  request.to = it.database.clock.now();
  request.term = SearchTerm{"MSH-10", "OPEN"};
  CHECK(must(it.store->search().find(request)).found.size() == 2);
  request.term.reset();
  request.type = "ADT^A01";
  CHECK(must(it.store->search().find(request)).found.size() == 2);
  CHECK(must(it.store->work().message(open.not_run)).arrival.draft.body.view() == "not run");
  CHECK(must(it.store->work().delivery(open.held)).body.size() == 300);
  CHECK(must(it.store->work().message(open.half_done.message)).id == open.half_done.message);
  const auto view = must(it.store->messages().show(open.held.message));
  CHECK_FALSE(view.content_error);
  CHECK(view.runs.at(0).steps.at(0).log == "logged");
  CHECK(view.attempts.at(0).response == "MSA|AA");
  CHECK(view.links.at(0).other == open.not_run);
  CHECK(view.attention.at(0).reason == "why");
  // A second accept of the same origin is still the first's.
  auto again = message_for(it.brief, "not run");
  again.draft.origin = Origin{"file", 1000};
  CHECK(accepted(*it.store, again) == open.not_run);
}

TEST_CASE("open work of a day is carried forward, all else of it goes", "[retention]") {
  Fixture it;
  const bool lineage_is_over = GENERATE(true, false);
  must(it.store->registry().set_retention(it.kept, {20, 30, false}));
  if (lineage_is_over) must(it.store->registry().set_retention(it.brief, {10, 30, false}));
  it.fill(100);
  const OpenWork open(it);
  it.come_to_today();
  const auto day = day_of(open.not_run);
  const auto today = it.database.clock.today();
  auto done = of_day(must(it.store->retention().run(today)), day);
  CHECK(done.what == RetainedDay::What::CarriedForward);
  CHECK(done.carried == 3);
  CHECK(done.bytes_freed > 100 * 3000);
  check_whole(it, open);
  const auto lineage = it.store->messages().show(it.of_brief[0].message);
  if (lineage_is_over)
    CHECK(lineage.error().kind == ErrorKind::NotFound);
  else
    CHECK(must(lineage).content_error);
  CHECK(it.store->work().message(it.of_kept[0].message).error().kind == ErrorKind::NotFound);

  // Said again, and nothing is written, until the work is done.
  done = of_day(must(it.store->retention().run(today)), day);
  CHECK(done.what == RetainedDay::What::CarriedForward);
  CHECK(done.bytes_freed == 0);
  check_whole(it, open);
  open.finish(it);
  done = of_day(must(it.store->retention().run(today)), day);
  CHECK(done.what == (lineage_is_over ? RetainedDay::What::Dropped : RetainedDay::What::Rewritten));
  CHECK(it.store->work().message(open.not_run).error().kind == ErrorKind::NotFound);
  CHECK(it.database.sql("SELECT count(*) FROM data_key WHERE retention = 10 AND wrapped = ''") ==
        "1");
  CHECK(must(it.store->retention().run(today)).empty());
}

TEST_CASE("a legal hold keeps a channel whole, until it is lifted", "[retention]") {
  Fixture it;
  must(it.store->registry().set_retention(it.brief, {10, 30, true}));
  it.fill(2);
  it.come_to_today();
  must(it.store->retention().run(it.database.clock.today()));
  CHECK(must(it.store->work().message(it.of_brief[0].message)).id == it.of_brief[0].message);
  CHECK(must(it.store->work().delivery(it.of_brief[0])).body.size() == 300);
  must(it.store->registry().set_retention(it.brief, {10, 100, false}));
  must(it.store->retention().run(it.database.clock.today()));
  CHECK(it.store->work().message(it.of_brief[0].message).error().kind == ErrorKind::NotFound);
  CHECK(it.database.sql("SELECT count(*) FROM message") == "3");
}

TEST_CASE("staged bodies go with their message's content; orphans are swept", "[retention]") {
  Fixture it;
  auto stage = [&](int seed) {
    auto writer = must(it.store->staging().begin());
    must(writer->append(Fixture::noise(400'000, seed)));
    return must(writer->finish());
  };
  auto bound = message_for(it.brief, "");
  bound.draft.body = stage(1);
  done_message(*it.store, bound, it.to_brief);
  auto kept = message_for(it.kept, "");
  kept.draft.body = stage(2);
  done_message(*it.store, kept, it.to_kept);
  it.come_to_today();
  must(it.store->retention().run(it.database.clock.today()));
  CHECK(it.store->staging().read(bound.draft.body.staged(), 0, 1).error().kind ==
        ErrorKind::NotFound);
  CHECK(must(it.store->staging().read(kept.draft.body.staged(), 0, 400'000)) ==
        Fixture::noise(400'000, 2));

  const auto orphan = stage(3);
  must(it.store->retention().run(it.database.clock.today()));
  CHECK(must(it.store->staging().read(orphan.staged(), 0, 1)).size() == 1);
  must(it.store->retention().run(it.database.clock.today() + std::chrono::days(3)));
  CHECK(it.store->staging().read(orphan.staged(), 0, 1).error().kind == ErrorKind::NotFound);
}

}  // namespace
}  // namespace causeway::testing
