// Search, the view of a message, queues, and the registry.
#include <catch2/catch.hpp>

#include "engine/store/queries/message_search.h"
#include "engine/store/queries/message_view.h"
#include "engine/store/queries/queue_views.h"
#include "engine/store/queries/revisions.h"
#include "engine/store/read_only_store.h"
#include "tests/integration/store/store_bench.h"

namespace causeway::testing {
namespace {

using store::SearchRequest;

constexpr ChannelId lab{1};
constexpr ChannelId ward{2};

SearchRequest all_time(std::size_t rows) {
  SearchRequest request;
  request.to = SystemTime(std::chrono::microseconds(4'000'000'000'000'000));
  request.rows = rows;
  return request;
}

Arrival with_mrn(ChannelId channel, const std::string& mrn) {
  auto arrival = message_for(channel, "PID|||" + mrn);
  arrival.terms = {{"PID-3.1", mrn}, {"MSH-10", "same"}};
  return arrival;
}

TEST_CASE("messages are found by term, newest first, in pages", "[search]") {
  Database database;
  std::vector<MessageId> ids;
  // Over three days, so that more than one partition and month key is asked.
  for (int days : {-40, -1, 0}) {
    database.clock.moved_days = days;
    auto store = database.open();
    for (int i = 0; i < 7; ++i)
      ids.push_back(accepted(*store, with_mrn(i % 2 == 0 ? lab : ward, std::to_string(i % 3))));
  }
  auto store = database.open();
  auto request = all_time(2);
  request.term = SearchTerm{"PID-3.1", "1"};  // i = 1 and 4 of each day
  std::vector<MessageId> found;
  int pages = 0;
  for (; pages < 100; ++pages) {
    const auto page = must(store->search().find(request));
    for (const auto& row : page.found) found.push_back(row.message.id);
    if (!page.next) break;
    request.before = page.next;
  }
  CHECK(found == std::vector<MessageId>{ids[18], ids[15], ids[11], ids[8], ids[4], ids[1]});
  CHECK(pages < 100);

  request = all_time(100);
  request.term = SearchTerm{"PID-3.1", "1"};
  request.channels = {lab};
  CHECK(must(store->search().find(request)).found.size() == 3);
  request.verify = [](const StoredMessage& message) { return message.id.value % 2 == 0; };
  for (const auto& row : must(store->search().find(request)).found)
    CHECK(row.message.id.value % 2 == 0);
  request.verify = nullptr;
  request.from = database.clock.now() - std::chrono::days(3);
  CHECK(must(store->search().find(request)).found.size() == 2);
  request.term->value = "unheard of";
  CHECK(must(store->search().find(request)).found.empty());
  request.rows = SearchRequest::rows_max + 1;
  CHECK(store->search().find(request).error().kind == ErrorKind::Limit);
}

TEST_CASE("messages are found by time and channel", "[search]") {
  Database database;
  auto store = database.open();
  std::vector<MessageId> ids;
  for (int i = 0; i < 9; ++i)
    ids.push_back(accepted(*store, message_for(i % 3 == 0 ? ward : lab, std::to_string(i))));
  auto request = all_time(4);
  auto page = must(store->search().find(request));
  REQUIRE(page.found.size() == 4);
  CHECK(page.found[0].message.id == ids[8]);
  CHECK(page.found[0].message.arrival.draft.body.view() == "8");
  CHECK_FALSE(page.found[0].state);
  CHECK(page.next == ids[5]);
  request.channels = {ward};
  page = must(store->search().find(request));
  REQUIRE(page.found.size() == 3);
  CHECK(page.found[2].message.id == ids[0]);
  CHECK_FALSE(page.next);
}

TEST_CASE("a message is shown with all that happened to it", "[view]") {
  Database database;
  auto store = database.open();
  auto arrival = message_for(lab, "in");
  const auto parent = accepted(*store, arrival);
  arrival.draft.links = {{parent, LinkKind::Replay}};
  const auto work = done_message(*store, arrival, DestinationId{3});
  Settlement settlement;
  AttentionRow row;
  row.queue = {lab, DestinationId{4}};
  row.work = {work.message, RunNumber{1}, DestinationId{4}};
  row.state = AttentionState::Held;
  row.reason = "why";
  settlement.attention = {row};
  must(wait_for(settle_later(store->journal(), settlement)));

  const auto view = must(store->messages().show(work.message));
  CHECK(view.message.arrival.draft.body.view() == "in");
  CHECK_FALSE(view.content_error);
  REQUIRE(view.runs.size() == 1);
  CHECK(view.runs[0].steps.at(0).log == "logged");
  CHECK(view.runs[0].deliveries.at(0).destination == DestinationId{3});
  CHECK(view.runs[0].deliveries.at(0).body_bytes == 300);
  REQUIRE(view.attempts.size() == 1);
  CHECK(view.attempts[0].response == "MSA|AA");
  CHECK(view.attempts[0].outcome == Outcome::Delivered);
  REQUIRE(view.replies.size() == 1);
  CHECK(view.replies[0].bytes == "reply");
  REQUIRE(view.links.size() == 1);
  CHECK(view.links[0].other == parent);
  CHECK(view.links[0].up);
  CHECK(view.attention.at(0).reason == "why");
  const auto down = must(store->messages().show(parent)).links;
  REQUIRE(down.size() == 1);
  CHECK(down[0].other == work.message);
  CHECK_FALSE(down[0].up);
  CHECK(store->messages().show(MessageId{9}).error().kind == ErrorKind::NotFound);

  const auto queues = must(store->queues().queues());
  REQUIRE(queues.size() == 1);
  CHECK(queues[0].queue == row.queue);
  CHECK(queues[0].parts.at(AttentionState::Held).rows == 1);
  CHECK(queues[0].parts.at(AttentionState::Held).oldest == work.message);

  // The same, beside the engine that runs.
  auto reader = must(store::ReadOnlyStore::open(database.url(), database.masters()));
  CHECK(must(reader->messages().show(work.message)).attempts.size() == 1);
  CHECK(must(reader->work().delivery(work)).body.size() == 300);
  CHECK(must(reader->search().find(all_time(10))).found.size() == 2);
}

TEST_CASE("several deliveries for one destination are shown apart", "[view]") {
  Database database;
  auto store = database.open();
  const auto id = accepted(*store, message_for(lab, "in"));
  Passage passage;
  passage.message = id;
  passage.channel = lab;
  for (std::uint16_t part = 0; part < 3; ++part) {
    DeliveryRecord delivery;
    delivery.destination = DestinationId{3};
    delivery.part = part;
    delivery.body = Body(make_bytes(std::string(part + 1, 'x')));
    passage.deliveries.push_back(delivery);
  }
  must(wait_for(record_later(store->journal(), passage)));
  const WorkRef second{id, RunNumber{1}, DestinationId{3}, 1};
  Settlement settlement;
  for (auto work : {second, WorkRef{id, RunNumber{1}, DestinationId{3}, 0}}) {
    AttemptRecord attempt;
    attempt.work = work;
    attempt.response = "of " + std::to_string(work.part);
    settlement.attempts.push_back(attempt);
  }
  AttentionRow row;
  row.queue = {lab, DestinationId{3}};
  row.work = {id, RunNumber{1}, DestinationId{3}, 2};
  settlement.attention = {row};
  must(wait_for(settle_later(store->journal(), settlement)));

  const auto view = must(store->messages().show(id));
  REQUIRE(view.runs.at(0).deliveries.size() == 3);
  CHECK(view.runs[0].deliveries[2].part == 2);
  CHECK(view.runs[0].deliveries[2].body_bytes == 3);
  REQUIRE(view.attempts.size() == 2);
  CHECK(view.attempts[0].work == second);
  CHECK(view.attempts[0].response == "of 1");
  CHECK(view.attempts[1].work.part == 0);
  CHECK(view.attention.at(0).work.part == 2);
}

TEST_CASE("a database without the store's tables is said to be so", "[view]") {
  Database database;
  const auto opened = store::ReadOnlyStore::open(database.url(), database.masters());
  CHECK(opened.error().kind == ErrorKind::NotFound);
}

TEST_CASE("the registry gives numbers for good", "[registry]") {
  Database database;
  auto store = database.open();
  auto& registry = store->registry();
  const auto channel = must(registry.channel("lab/oru_in"));
  CHECK(must(registry.channel("lab/oru_in")) == channel);
  CHECK(must(registry.channel("lab/adt")) != channel);
  const auto emr = must(registry.destination(channel, "emr"));
  CHECK(must(registry.destination(channel, "emr")) == emr);
  CHECK(must(registry.destination(must(registry.channel("lab/adt")), "emr")) != emr);
  CHECK(must(registry.channels()).size() == 2);
  CHECK(must(registry.destinations()).size() == 2);

  must(registry.set_retention(channel, {30, 365, true}));
  CHECK(must(registry.channels())[0].retention == store::ChannelRetention{30, 365, true});
  CHECK(registry.set_retention(channel, {30, 20, false}).error().kind == ErrorKind::Invalid);
  CHECK(registry.set_retention(channel, {0, 20, false}).error().kind == ErrorKind::Invalid);
  CHECK(registry.set_retention(ChannelId{99}, {1, 1, false}).error().kind == ErrorKind::NotFound);
}

TEST_CASE("revisions and deployments: the newest holds, nothing is forgotten, files are sealed") {
  Database database;
  auto store = database.open();
  const auto channel = must(store->registry().channel("lab/oru_in"));
  auto& revisions = store->revisions();
  store::Revision first{0, channel, 0, std::string("\0hash", 5), "ann", "first", {}, "files"};
  const auto number = must(revisions.add(first));
  CHECK(must(revisions.add(first)) == number);
  const std::string large(3 * 1024 * 1024 + 5, 'x');
  const auto second = must(revisions.add({0, channel, number, "other", "bob", "", {}, large}));
  CHECK(must(revisions.revision(channel, number)).files == "files");
  CHECK(must(revisions.revision(channel, second)).files == large);
  CHECK(must(revisions.revision(channel, second)).parent == number);
  CHECK(revisions.revision(channel, 99).error().kind == ErrorKind::NotFound);
  CHECK(revisions.revision(ChannelId{99}, number).error().kind == ErrorKind::NotFound);
  CHECK(run_sql(database.url(),
                "SELECT count(*) FROM causeway.revision"
                " WHERE position('files'::bytea in files) > 0") == "0");

  CHECK(must(revisions.current()).empty());
  must(revisions.deploy({{}, channel, number, "", "LAB_HOST=a", "serve", "", {}}));
  const auto newest =
      must(revisions.deploy({{}, channel, second, "", "LAB_HOST=b", "bob", "why", {}})).id;
  const auto current = must(revisions.current()).at(channel);
  CHECK(current.id == newest);
  CHECK(current.revision == second);
  CHECK(current.environment == "LAB_HOST=b");
  CHECK(current.revision_hash == "other");
  CHECK(must(revisions.last_deployed_by("serve")).at(channel) == first.hash);
  auto past = must(revisions.history(channel, {}, 10));
  REQUIRE(past.size() == 2);
  CHECK(past[0].deployment.comment == "why");
  CHECK(past[1].revision.comment == "first");
  CHECK(must(revisions.history(channel, newest, 10)).size() == 1);
}

TEST_CASE("what is switched off stays off until it is switched on") {
  Database database;
  auto store = database.open();
  const auto channel = must(store->registry().channel("lab/oru_in"));
  auto& revisions = store->revisions();
  const store::SwitchKey source{channel, store::source_part}, emr{channel, 7};
  must(revisions.set_switch(source, store::Switched::Off, "ann"));
  must(revisions.set_switch(emr, store::Switched::Off, "ann"));
  must(revisions.set_switch(emr, store::Switched::Paused, "bob"));
  CHECK(must(revisions.switches()) ==
        std::map<store::SwitchKey, store::Switched>{{source, store::Switched::Off},
                                                    {emr, store::Switched::Paused}});
  must(revisions.set_switch(source, store::Switched::On, "ann"));
  CHECK(must(revisions.switches()).size() == 1);
}

TEST_CASE("a replay is kept with its plan, which ends with it; its progress moves once",
          "[replay]") {
  Database database;
  auto store = database.open();
  auto& replays = store->replays();
  ReplayTask task;
  task.channel = "lab/oru";
  task.created_by = "anna";
  task.created_at = database.clock.now();
  task.per_second = 5;
  task.plan.selection = "{\"term\":\"PID-3.1=secret patient\"}";
  task.plan.through = ReplayThrough::AsSent;
  task.plan.destinations = {"archive"};
  task.plan.part = 3;
  task.plan.content = make_bytes("another content");
  task.plan.edited = true;
  task.plan.reason = "why";
  const auto id = must(replays.add(task));
  CHECK(must(replays.open()).size() == 1);
  const auto kept = must(replays.task(id));
  CHECK(kept.plan.selection == task.plan.selection);
  CHECK(kept.plan.through == ReplayThrough::AsSent);
  CHECK(kept.plan.destinations == task.plan.destinations);
  CHECK(kept.plan.part == task.plan.part);
  CHECK(*kept.plan.content == "another content");
  CHECK(kept.plan.reason == "why");
  CHECK(kept.state == ReplayState::Collecting);
  CHECK(database.sql("SELECT count(*) FROM replay WHERE position('patient' IN"
                     " encode(plan, 'escape')) > 0") == "0");

  for (int twice = 0; twice < 2; ++twice)
    must(replays.collected(id, {MessageId{30}, MessageId{20}, MessageId{10}}, MessageId{10}));
  must(replays.change_state(id, {ReplayState::Collecting}, ReplayState::Running, task.created_at));
  CHECK(must(replays.messages(id, MessageId{10}, 9)) ==
        std::vector<MessageId>{MessageId{20}, MessageId{30}});
  for (int twice = 0; twice < 2; ++twice)
    must(replays.progressed(id, {}, MessageId{20}, 1, {{MessageId{20}, ErrorKind::Conflict}}));
  const auto now = must(replays.task(id));
  CHECK(now.total == 3);
  CHECK(now.done == 1);
  CHECK(now.refused == 1);
  CHECK(now.position == MessageId{20});

  must(replays.change_state(id, {ReplayState::Running}, ReplayState::Done, task.created_at));
  CHECK(replays.change_state(id, {ReplayState::Running}, ReplayState::Paused, task.created_at)
            .error()
            .kind == ErrorKind::Conflict);
  const auto over = must(replays.task(id));
  CHECK(over.plan.content == nullptr);
  CHECK(over.plan.edited);
  CHECK(over.ended_at == task.created_at);
  CHECK(must(replays.open()).empty());
  CHECK(database.sql("SELECT count(*) FROM replay_message") == "1");
  CHECK(must(replays.refusals(id, 9)).front().kind == ErrorKind::Conflict);
  CHECK(replays.task(ReplayId{99}).error().kind == ErrorKind::NotFound);
}

}  // namespace
}  // namespace causeway::testing
