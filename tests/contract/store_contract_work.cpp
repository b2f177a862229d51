#include <catch2/catch.hpp>

#include "tests/contract/store_contract.h"

namespace causeway::testing {
namespace {

constexpr ChannelId lab{1};
constexpr ChannelId other{2};
constexpr DestinationId emr{11};
constexpr DestinationId pacs{12};
constexpr RunNumber first_run{1};
constexpr DestinationId the_run{};

MessageId accepted(OpenStore& store, const std::string& body = "in") {
  return must(accept(store, arrival(lab, body))).message;
}

/// A message whose run made one delivery, to the EMR.
WorkRef delivered_to(OpenStore& store, DestinationId destination, bool armed) {
  const auto id = accepted(store);
  auto run = passage(id, lab);
  run.deliveries.push_back(delivery(destination, "out"));
  run.deliveries.back().armed = armed;
  must(record(store, run));
  return {id, first_run, destination};
}

std::vector<OpenDelivery> open(OpenStore& store, DestinationId destination) {
  return must(store.work().open_deliveries({lab, destination}, whole_page()));
}

void check_bodies(OpenStore& store) {
  const std::string input = "MSH|^~\\&|A|B\rPID|1||12345\r";
  const auto id = accepted(store, input);
  auto run = passage(id, lab);
  run.input = make_bytes(input);
  run.steps.push_back({"transform", "a log line", std::nullopt, std::chrono::microseconds(12)});
  run.deliveries.push_back(delivery(emr, input + "ZZZ|1\r"));
  run.deliveries.push_back(delivery(pacs, ""));
  run.deliveries.back().same_as_input = true;
  run.deliveries.push_back(delivery(DestinationId{13}, ""));
  run.deliveries[0].order_keys = {UINT64_MAX, 3};
  run.deliveries[0].flags = message_flags::possible_duplicate;
  for (int i : {0, 1}) {
    const Attributes attributes{{"path", "/orders/" + std::to_string(i)}, {"method", "PUT"}};
    run.deliveries[static_cast<std::size_t>(i)].attributes =
        std::make_shared<const Attributes>(attributes);
  }
  must(record(store, run));

  auto& work = store.work();
  const auto edited = must(work.delivery({id, first_run, emr}));
  CHECK(edited.body.view() == input + "ZZZ|1\r");
  CHECK(edited.content_type == ContentType::Text);
  CHECK(edited.flags == message_flags::possible_duplicate);
  CHECK(*find_attribute(edited.attributes, "path") == "/orders/0");
  const auto same = must(work.delivery({id, first_run, pacs}));
  CHECK(same.body.view() == input);
  CHECK(*find_attribute(same.attributes, "path") == "/orders/1");
  CHECK_FALSE(must(work.delivery({id, first_run, DestinationId{13}})).attributes);
  CHECK(must(work.delivery({id, first_run, DestinationId{13}})).body.view().empty());
  CHECK(work.delivery({id, first_run, DestinationId{14}}).error().kind == ErrorKind::NotFound);
  CHECK(work.delivery({id, RunNumber{2}, emr}).error().kind == ErrorKind::NotFound);

  const auto rows = open(store, emr);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].work == WorkRef{id, first_run, emr});
  CHECK(rows[0].order_keys == OrderKeys{UINT64_MAX, 3});
  CHECK(rows[0].flags == message_flags::possible_duplicate);
  CHECK(rows[0].body_bytes == input.size() + 6);
  CHECK_FALSE(rows[0].armed);
  CHECK(rows[0].attempts == 0);
}

/// A lane's values, as the passage that was recorded last has left them.
void check_states(OpenStore& store) {
  auto put = [&](std::uint64_t lane, std::uint64_t key, const std::string& value) {
    auto run = passage(accepted(store), lab);
    run.states = {{lane, key, {"name", value}}};
    return run;
  };
  auto value = [&](ChannelId channel, std::uint64_t lane, std::uint64_t key) {
    return must(store.work().state(channel, lane, key)).value_or("(none)");
  };
  CHECK(value(lab, 7, 1) == "(none)");
  must(record(store, put(7, 1, "first")));
  CHECK(value(lab, 7, 1) == "first");
  must(record(store, put(7, UINT64_MAX, "")));
  must(record(store, put(UINT64_MAX, 1, std::string("\0\xff", 2))));
  CHECK(value(lab, 7, UINT64_MAX).empty());
  CHECK(value(lab, UINT64_MAX, 1) == std::string("\0\xff", 2));
  CHECK(value(other, 7, 1) == "(none)");
  // Of several that are committed together the last holds.
  std::vector<Passage> runs;
  for (int i = 0; i < 20; ++i) runs.push_back(put(7, 1, std::to_string(i)));
  std::promise<void> all;
  std::size_t told = 0;
  for (auto& run : runs)
    store.journal().record(run, [&](const Result<std::vector<Receipt>>&) {
      if (++told == runs.size()) all.set_value();
    });
  await(store, all.get_future());
  CHECK(value(lab, 7, 1) == "19");
  CHECK(value(lab, 7, UINT64_MAX).empty());
}

void check_children(OpenStore& store) {
  const auto id = accepted(store);
  auto run = passage(id, lab);
  for (int i = 0; i < 2; ++i) {
    auto child = arrival(other, "hop " + std::to_string(i));
    child.draft.links = {{id, LinkKind::Hop}};
    child.draft.hops = 1;
    run.children.push_back(child);
  }
  const auto receipts = must(record(store, run));
  REQUIRE(receipts.size() == 2);
  CHECK(receipts[0].message > id);
  CHECK(receipts[0].message < receipts[1].message);
  const auto child = must(store.work().message(receipts[1].message));
  CHECK(child.arrival.draft.body.view() == "hop 1");
  CHECK(child.arrival.channel == other);
  CHECK(child.arrival.draft.links.at(0).parent == id);
  CHECK(must(store.work().open_runs(other, whole_page())).size() == 2);
}

void check_refused_record(OpenStore& store) {
  const auto a = accepted(store);
  const auto b = accepted(store);
  const auto c = accepted(store);
  must(record(store, passage(b, lab)));
  // The one in the middle exists: its neighbours are committed all the same.
  std::vector<std::string> told;
  std::promise<void> all;
  for (auto id : {a, b, c})
    store.journal().record(passage(id, lab), [&](Result<std::vector<Receipt>> receipts) {
      told.push_back(receipts ? "done" : std::string(to_string(receipts.error().kind)));
      if (told.size() == 3) all.set_value();
    });
  await(store, all.get_future());
  CHECK(told ==
        std::vector<std::string>{"done", std::string(to_string(ErrorKind::Invalid)), "done"});
  CHECK(must(store.work().open_runs(lab, whole_page())).empty());
}

void check_pages(OpenStore& store) {
  std::vector<MessageId> ids;
  for (int i = 0; i < 5; ++i) {
    auto it = arrival(lab, "body");
    it.order_keys = {static_cast<std::uint64_t>(i + 1)};
    ids.push_back(must(accept(store, it)).message);
  }
  auto page = must(store.work().open_runs(lab, {ids[0], ids[3], 10}));
  REQUIRE(page.size() == 3);
  CHECK(page[0].message == ids[1]);
  CHECK(page[2].message == ids[3]);
  CHECK(page[2].order_keys == OrderKeys{4});
  CHECK(page[2].body_bytes == 4);
  CHECK(must(store.work().open_runs(lab, {ids[0], ids[3], 2})).size() == 2);
  CHECK(must(store.work().open_runs(other, whole_page())).empty());
  for (auto id : ids) {
    auto run = passage(id, lab);
    run.deliveries.push_back(delivery(emr, "out"));
    must(record(store, run));
  }
  auto deliveries = must(store.work().open_deliveries({lab, emr}, {ids[0], ids[3], 2}));
  REQUIRE(deliveries.size() == 2);
  CHECK(deliveries[0].work.message == ids[1]);
  CHECK(deliveries[1].work.message == ids[2]);
  CHECK(must(store.work().open_deliveries({lab, pacs}, whole_page())).empty());
}

void check_events(OpenStore& store) {
  const auto work = delivered_to(store, emr, true);
  CHECK(open(store, emr).at(0).armed);
  Settlement settlement;
  settlement.attempts = {attempt(work, WorkEvent::Settled, false)};
  settlement.attempts[0].outcome = Outcome::Deferred;
  settlement.attempts[0].response = "MSA|AR";
  must(settle(store, settlement));
  CHECK_FALSE(open(store, emr).at(0).armed);
  CHECK(open(store, emr).at(0).attempts == 1);

  // Events of one settlement and of several hold in their order.
  settlement.attempts = {attempt(work, WorkEvent::Begun, false),
                         attempt(work, WorkEvent::Disarmed, false)};
  must(settle(store, settlement));
  CHECK_FALSE(open(store, emr).at(0).armed);
  settlement.attempts = {attempt(work, WorkEvent::Begun, false)};
  must(settle(store, settlement));
  CHECK(open(store, emr).at(0).armed);

  settlement.attempts = {attempt(work, WorkEvent::Settled, true)};
  must(settle(store, settlement));
  CHECK(open(store, emr).empty());
  CHECK(must(store.work().delivery(work)).body.view() == "out");
}

void check_replies(OpenStore& store) {
  const auto id = accepted(store);
  CHECK_FALSE(must(store.work().reply_of(id)));
  auto run = passage(id, lab);
  run.reply = ReplyRecord{"MSA|AA", ReplyState::Unknown, run.at, false};
  must(record(store, run));
  auto reply = must(store.work().reply_of(id));
  REQUIRE(reply);
  CHECK(reply->bytes == "MSA|AA");
  CHECK(reply->state == ReplyState::Unknown);
  CHECK(reply->at == run.at);

  Settlement settlement;
  settlement.reply_to = id;
  for (auto state : {ReplyState::Lost, ReplyState::Sent}) {
    settlement.reply = ReplyRecord{"MSA|AE", state, run.at - std::chrono::seconds(1), true};
    must(settle(store, settlement));
  }
  reply = must(store.work().reply_of(id));
  REQUIRE(reply);
  CHECK(reply->bytes == "MSA|AE");
  CHECK(reply->state == ReplyState::Sent);
  CHECK(reply->timed_out);
}

void check_attention_rows(OpenStore& store) {
  const WorkQueue queue{lab, emr};
  const auto work = delivered_to(store, emr, false);
  const auto next = delivered_to(store, emr, false);
  auto row = attention_row(queue, work, AttentionState::Waiting);
  row.order_keys = {UINT64_MAX, 9};
  Settlement settlement;
  settlement.attention = {row, attention_row(queue, next, AttentionState::Held)};
  must(settle(store, settlement));
  CHECK(open(store, emr).empty());

  auto rows = must(store.work().attention(queue, {}, 10));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].work == work);
  CHECK(rows[0].queue == queue);
  CHECK(rows[0].state == AttentionState::Waiting);
  CHECK(rows[0].outcome == Outcome::Rejected);
  CHECK(rows[0].kind == ErrorKind::Refused);
  CHECK(rows[0].suspect);
  CHECK(rows[0].attempts == 7);
  CHECK(rows[0].flags == message_flags::possible_duplicate);
  CHECK(rows[0].since == row.since);
  CHECK(rows[0].due == row.due);
  CHECK(rows[0].order_keys == row.order_keys);
  CHECK(rows[0].reason == "AE: unknown patient");
  CHECK(must(store.work().attention(queue, {}, 1)).size() == 1);
  CHECK(must(store.work().attention(queue, work, 10)).at(0).work == next);

  row.state = AttentionState::Trying;
  settlement.attention = {row};
  settlement.attention_settled = {next};
  settlement.attempts = {attempt(next, WorkEvent::Skipped, true)};
  must(settle(store, settlement));
  rows = must(store.work().attention(queue, {}, 10));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].state == AttentionState::Trying);
  CHECK(open(store, emr).empty());
}

void check_last_change_holds(OpenStore& store) {
  const WorkQueue queue{lab, emr};
  const auto work = delivered_to(store, emr, false);
  std::vector<std::future<Status>> told;
  for (bool put : {true, false, true, false}) {
    Settlement settlement;
    if (put)
      settlement.attention = {attention_row(queue, work, AttentionState::Waiting)};
    else
      settlement.attention_settled = {work};
    auto promise = std::make_shared<std::promise<Status>>();
    told.push_back(promise->get_future());
    store.journal().settle(settlement, [promise](Status status) { promise->set_value(status); });
  }
  for (auto& each : told) must(await(store, std::move(each)));
  CHECK(must(store.work().attention(queue, {}, 10)).empty());
}

void check_behind(OpenStore& store) {
  const WorkQueue queue{lab, emr};
  Settlement settlement;
  std::vector<WorkRef> works;
  for (std::uint64_t key : {5u, 6u, 5u}) {
    works.push_back(delivered_to(store, emr, false));
    settlement.attention.push_back(attention_row(queue, works.back(), AttentionState::Behind));
    settlement.attention.back().order_keys = {key};
  }
  works.push_back(delivered_to(store, emr, false));
  settlement.attention.push_back(attention_row(queue, works.back(), AttentionState::Held));
  settlement.attention.back().order_keys = {5};
  must(settle(store, settlement));
  const auto rows = must(store.work().behind(queue, 5, 10));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].work == works[0]);
  CHECK(rows[1].work == works[2]);
  CHECK(must(store.work().behind(queue, 5, 1)).size() == 1);
}

void check_failed_run(OpenStore& store) {
  const auto id = accepted(store);
  const WorkRef run{id, first_run, the_run};
  Settlement settlement;
  settlement.attention = {attention_row({lab, the_run}, run, AttentionState::Held)};
  must(settle(store, settlement));
  CHECK(must(store.work().open_runs(lab, whole_page())).empty());
  CHECK(must(store.work().attention({lab, the_run}, {}, 10)).size() == 1);
  auto done = passage(id, lab);
  done.attention_settled = {run};
  must(record(store, done));
  CHECK(must(store.work().attention({lab, the_run}, {}, 10)).empty());
}

}  // namespace

void check_runs_and_deliveries(StoreBench& bench) {
  auto store = bench.open();
  SECTION("a run is open until its passage is recorded") {
    const auto id = accepted(*store);
    REQUIRE(must(store->work().open_runs(lab, whole_page())).size() == 1);
    must(record(*store, passage(id, lab)));
    CHECK(must(store->work().open_runs(lab, whole_page())).empty());
  }
  SECTION("the bytes of deliveries") {
    check_bodies(*store);
  }
  SECTION("state of lanes") {
    check_states(*store);
  }
  SECTION("children") {
    check_children(*store);
  }
  SECTION("a passage is recorded once") {
    check_refused_record(*store);
  }
  SECTION("pages") {
    check_pages(*store);
  }
}

void check_settling(StoreBench& bench) {
  auto store = bench.open();
  SECTION("events of a delivery") {
    check_events(*store);
  }
  SECTION("replies") {
    check_replies(*store);
  }
  SECTION("a settlement of many messages") {
    Settlement settlement;
    for (int i = 0; i < 3; ++i)
      settlement.attempts.push_back(
          attempt(delivered_to(*store, emr, false), WorkEvent::Settled, true));
    must(settle(*store, settlement));
    CHECK(open(*store, emr).empty());
  }
}

void check_attention(StoreBench& bench) {
  auto store = bench.open();
  SECTION("rows are put, replaced and settled") {
    check_attention_rows(*store);
  }
  SECTION("of several changes the last holds") {
    check_last_change_holds(*store);
  }
  SECTION("behind") {
    check_behind(*store);
  }
  SECTION("a failed run") {
    check_failed_run(*store);
  }
}

void check_recovery(StoreBench& bench) {
  auto store = bench.open();
  SECTION("all is there after a crash") {
    const auto work = delivered_to(*store, emr, true);
    const auto id = accepted(*store);
    Settlement settlement;
    settlement.attention = {
        attention_row({lab, emr}, delivered_to(*store, emr, false), AttentionState::Parked)};
    must(settle(*store, settlement));
    store.reset();
    store = bench.open();
    CHECK(must(store->work().open_runs(lab, whole_page())).at(0).message == id);
    CHECK(open(*store, emr).at(0).work == work);
    CHECK(open(*store, emr).at(0).armed);
    CHECK(must(store->work().attention({lab, emr}, {}, 10)).size() == 1);
    CHECK(must(store->work().message(id)).arrival.draft.body.view() == "in");
    const auto last = must(store->work().last_message());
    CHECK(last >= id);
    CHECK(accepted(*store) > last);
  }
  SECTION("an empty store has no last message") {
    CHECK_FALSE(must(store->work().last_message()));
    CHECK(must(store->work().low_waters()).empty());
  }
  SECTION("low-water marks only rise") {
    const auto work = delivered_to(*store, emr, false);
    const WorkQueue queue{lab, emr};
    store->journal().low_water(queue, work.message);
    store->journal().low_water(queue, MessageId{5});
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (must(store->work().low_waters()).empty() && std::chrono::steady_clock::now() < until)
      store->progress();
    CHECK(must(store->work().low_waters())[queue] == work.message);
    store = bench.open();
    CHECK(must(store->work().low_waters())[queue] == work.message);
  }
  SECTION("no number is given out again that a mark has passed") {
    // As that of a message whose origin was known already: it is not stored.
    const auto stored = accepted(*store);
    const auto unstored = make_message_id(unix_ms_of(stored) + 1000, node_of(stored), 0);
    store->journal().low_water({lab, emr}, unstored);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (must(store->work().low_waters()).empty() && std::chrono::steady_clock::now() < until)
      store->progress();
    store = bench.open();
    CHECK(must(store->work().last_message()) == unstored);
    CHECK(accepted(*store) > unstored);
  }
  SECTION("marks of what is being tried count crashes") {
    const WorkRef run{accepted(*store), first_run, the_run};
    CHECK(must(store->work().trying(run)) == 0);
    store = bench.open();
    CHECK(must(store->work().trying(run)) == 1);
    must(store->work().tried({run, {run.message, first_run, emr}}));
    CHECK(must(store->work().trying(run)) == 0);
  }
  SECTION("duplicate keys, newest first") {
    std::vector<MessageId> ids;
    for (std::uint64_t key : {7u, 0u, 8u}) {
      auto it = arrival(lab, "x");
      it.duplicate = {key, 70 + key};
      ids.push_back(must(accept(*store, it)).message);
    }
    const auto keys = must(store->work().recent_duplicate_keys(10));
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].message == ids[2]);
    CHECK(keys[0].channel == lab);
    CHECK(keys[1].key == DuplicateKey{7, 77});
    CHECK(must(store->work().recent_duplicate_keys(1)).size() == 1);
  }
}

}  // namespace causeway::testing
