// Several deliveries of one run for one destination.
#include <catch2/catch.hpp>

#include "tests/contract/store_contract.h"

namespace causeway::testing {
namespace {

constexpr ChannelId lab{1};
constexpr DestinationId emr{11};
constexpr DestinationId pacs{12};
constexpr RunNumber first_run{1};

std::vector<OpenDelivery> open(OpenStore& store) {
  return must(store.work().open_deliveries({lab, emr}, whole_page()));
}

/// One run's deliveries to the EMR, in three parts, and one to the PACS among them.
WorkRef split_in_three(OpenStore& store) {
  const auto id = must(accept(store, arrival(lab, "in"))).message;
  auto run = passage(id, lab);
  for (std::uint16_t part = 0; part < 3; ++part) {
    run.deliveries.push_back(delivery(emr, "part " + std::to_string(part)));
    run.deliveries.back().part = part;
    run.deliveries.back().armed = part != 2;
    run.deliveries.back().order_keys = {7, 8};
    if (part == 1) run.deliveries.push_back(delivery(pacs, "whole"));
  }
  must(record(store, run));
  return {id, first_run, emr};
}

WorkRef part_of(WorkRef work, std::uint16_t part) {
  work.part = part;
  return work;
}

std::vector<int> open_parts(OpenStore& store) {
  std::vector<int> parts;
  for (const auto& row : open(store)) parts.push_back(row.work.part);
  return parts;
}

void check_bytes(OpenStore& store) {
  const auto work = split_in_three(store);
  auto& reader = store.work();
  CHECK(must(reader.delivery(part_of(work, 2))).body.view() == "part 2");
  CHECK(must(reader.delivery(part_of(work, 1))).work.part == 1);
  CHECK(must(reader.delivery({work.message, first_run, pacs})).body.view() == "whole");
  CHECK(reader.delivery(part_of(work, 3)).error().kind == ErrorKind::NotFound);
  const auto several = reader.deliveries({part_of(work, 1), part_of(work, 5), part_of(work, 0)});
  CHECK(must(several.at(0)).body.view() == "part 1");
  CHECK_FALSE(several.at(1));
  CHECK(must(several.at(2)).body.view() == "part 0");

  auto rows = open(store);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].work == work);
  CHECK(rows[2].work.part == 2);
  CHECK(rows[1].armed);
  CHECK_FALSE(rows[2].armed);
  CHECK(rows[2].order_keys == OrderKeys{7, 8});
  CHECK(rows[1].body_bytes == 6);
}

void check_ends_apart(OpenStore& store) {
  const WorkQueue queue{lab, emr};
  const auto work = split_in_three(store);
  auto settle_one = [&](std::uint16_t part, WorkEvent event, bool terminal) {
    Settlement settlement;
    settlement.attempts = {attempt(part_of(work, part), event, terminal)};
    must(settle(store, settlement));
  };
  settle_one(1, WorkEvent::Settled, true);
  CHECK(open_parts(store) == std::vector<int>{0, 2});
  settle_one(2, WorkEvent::Begun, false);
  CHECK(open(store).at(1).armed);
  settle_one(0, WorkEvent::Settled, false);
  CHECK(open(store).at(0).attempts == 1);
  CHECK_FALSE(open(store).at(0).armed);
  CHECK(open(store).at(1).attempts == 0);

  Settlement settlement;
  settlement.attention = {attention_row(queue, work, AttentionState::Waiting),
                          attention_row(queue, part_of(work, 2), AttentionState::Behind)};
  settlement.attention[1].order_keys = {7};
  must(settle(store, settlement));
  CHECK(open_parts(store).empty());
  auto listed = must(store.work().attention(queue, {}, 10));
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].work == work);
  CHECK(listed[1].work == part_of(work, 2));
  CHECK(listed[1].reason == "AE: unknown patient");
  CHECK(must(store.work().attention(queue, work, 10)).at(0).work.part == 2);
  CHECK(must(store.work().behind(queue, 7, 10)).at(0).work.part == 2);

  settlement.attention.clear();
  settlement.attention_settled = {work};
  settlement.attempts = {attempt(work, WorkEvent::Settled, true)};
  must(settle(store, settlement));
  listed = must(store.work().attention(queue, {}, 10));
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].work.part == 2);
  CHECK(must(store.work().trying(part_of(work, 2))) == 0);
  CHECK(must(store.work().trying(work)) == 0);
  must(store.work().tried({work}));
  CHECK(must(store.work().trying(part_of(work, 2))) == 1);
}

/// A page ends between two messages, never within one.
void check_pages(OpenStore& store) {
  const auto first = split_in_three(store);
  const auto second = split_in_three(store);
  const auto third = split_in_three(store);
  auto page = must(store.work().open_deliveries({lab, emr}, whole_page(2)));
  REQUIRE(page.size() >= 3);
  CHECK(page.back().work.part == 2);
  page = must(store.work().open_deliveries({lab, emr}, {first.message, third.message, 4}));
  REQUIRE(page.size() == 6);
  CHECK(page[3].work == third);
  page = must(store.work().open_deliveries({lab, emr}, {first.message, second.message, 100}));
  CHECK(page.size() == 3);
}

}  // namespace

void check_parts(StoreBench& bench) {
  auto store = bench.open();
  SECTION("each has its bytes and numbers") {
    check_bytes(*store);
  }
  SECTION("each ends by itself") {
    check_ends_apart(*store);
  }
  SECTION("pages") {
    check_pages(*store);
  }
}

}  // namespace causeway::testing
