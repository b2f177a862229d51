// Search by what every message has: type, peer, channel, state, error class.
#include <catch2/catch.hpp>

#include "engine/store/journal/facets.h"
#include "engine/store/queries/message_search.h"
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

Arrival message_of(ChannelId channel, const std::string& type, const std::string& address) {
  auto arrival = message_for(channel, "body");
  arrival.type = type;
  arrival.draft.sender.address = address;
  return arrival;
}

/// All pages, as ids.
std::vector<MessageId> all_found(store::PostgresStore& store, SearchRequest request) {
  std::vector<MessageId> ids;
  for (int pages = 0; pages < 100; ++pages) {
    const auto page = must(store.search().find(request));
    for (const auto& row : page.found) ids.push_back(row.message.id);
    if (!page.next) return ids;
    request.before = page.next;
  }
  throw std::runtime_error("there is no last page");
}

TEST_CASE("messages are found by type, peer and channel, in pages", "[search]") {
  Database database;
  std::vector<MessageId> ids;
  for (int days : {-40, -1, 0}) {
    database.clock.moved_days = days;
    auto store = database.open();
    for (int i = 0; i < 12; ++i)
      ids.push_back(accepted(
          *store, message_of(i % 2 == 0 ? lab : ward, i % 3 == 0 ? "ADT^A01^ADT_A01" : "ORU^R01",
                             "192.0.2." + std::to_string(i % 4) + ":" + std::to_string(2000 + i))));
  }
  auto store = database.open();
  const auto expected = [&](auto holds) {
    std::vector<MessageId> wanted;
    for (std::size_t n = ids.size(); n-- > 0;)
      if (holds(n % 12)) wanted.push_back(ids[n]);
    return wanted;
  };
  auto request = all_time(3);
  request.type = "ADT^A01";
  CHECK(all_found(*store, request) == expected([](auto i) { return i % 3 == 0; }));
  request.peer = "192.0.2.1";
  CHECK(all_found(*store, request) == expected([](auto i) { return i == 9; }));
  request.type.clear();
  CHECK(all_found(*store, request) == expected([](auto i) { return i % 4 == 1; }));
  request.channels = {lab};
  CHECK(all_found(*store, request).empty());
  request.peer.clear();
  CHECK(all_found(*store, request) == expected([](auto i) { return i % 2 == 0; }));
  request.type = "ORU^R01";
  CHECK(all_found(*store, request) == expected([](auto i) { return i % 2 == 0 && i % 3 != 0; }));
  request.type = "ORU^R03";
  CHECK(all_found(*store, request).empty());
}

TEST_CASE("of a block's many messages few carry what stands for them all", "[search]") {
  Database database;
  auto store = database.open();
  for (int i = 0; i < 40; ++i) accepted(*store, message_of(lab, "ADT^A01", "192.0.2.7:1"));
  // Three for each block; on a slow machine there may be several blocks.
  const auto blocks = std::stoi(database.sql("SELECT count(DISTINCT id >> 32) FROM message"));
  CHECK(database.sql("SELECT count(*) FROM term") == std::to_string(3 * blocks));
  auto request = all_time(100);
  request.peer = "192.0.2.7";
  CHECK(must(store->search().find(request)).found.size() == 40);
}

TEST_CASE("messages are found by what they wait for, and by how they ended", "[search]") {
  Database database;
  auto store = database.open();
  std::vector<MessageId> ids;
  for (int i = 0; i < 9; ++i) {
    ids.push_back(accepted(*store, message_of(lab, "ADT^A01", "192.0.2.7:1")));
    Passage passage;
    passage.message = ids.back();
    passage.channel = lab;
    passage.state = i % 3 == 0 ? RunState::Filtered : RunState::Passed;
    for (int destination = 1; i % 3 == 1 && destination <= 4; ++destination) {
      AttentionRow row;
      row.queue = {lab, DestinationId{destination}};
      row.work = {ids.back(), RunNumber{1}, DestinationId{destination}};
      row.state = i == 1 ? AttentionState::Held : AttentionState::Parked;
      row.kind = i == 4 ? ErrorKind::TimedOut : ErrorKind::Refused;
      passage.attention.push_back(row);
    }
    must(wait_for(record_later(store->journal(), passage)));
  }
  auto request = all_time(1);
  request.runs = {RunState::Filtered};
  CHECK(all_found(*store, request) == std::vector{ids[6], ids[3], ids[0]});
  request.runs.clear();
  request.attention = {AttentionState::Held, AttentionState::Parked};
  CHECK(all_found(*store, request) == std::vector{ids[7], ids[4], ids[1]});
  request.attention = {AttentionState::Parked};
  CHECK(all_found(*store, request) == std::vector{ids[7], ids[4]});
  request.kinds = {ErrorKind::TimedOut};
  CHECK(all_found(*store, request) == std::vector{ids[4]});
  request.attention.clear();
  request.kinds = {ErrorKind::Refused};
  CHECK(all_found(*store, request) == std::vector{ids[7], ids[1]});
  request.type = "ADT^A01";
  CHECK(all_found(*store, request) == std::vector{ids[7], ids[1]});
  request.channels = {ward};
  CHECK(all_found(*store, request).empty());
}

TEST_CASE("a peer is its proved name, or its address without the port", "[search]") {
  using store::peer_of;
  CHECK(peer_of({"192.0.2.7:51022", ""}) == "192.0.2.7");
  CHECK(peer_of({"192.0.2.7:51022", "ward-7"}) == "ward-7");
  CHECK(peer_of({"[2001:db8::1]:2575", ""}) == "[2001:db8::1]");
  CHECK(peer_of({"2001:db8::1", ""}) == "2001:db8::1");
  CHECK(peer_of({"/in/file.hl7", ""}) == "/in/file.hl7");
  CHECK(peer_of({"", ""}).empty());
  CHECK(store::facet_type("ADT^A01^ADT_A01") == "ADT^A01");
  CHECK(store::facet_type("ACK") == "ACK");
}

}  // namespace
}  // namespace causeway::testing
