#include "tests/contract/store_contract.h"

#include <catch2/catch.hpp>

#include "engine/core/limits.h"

namespace causeway::testing {
namespace {

constexpr ChannelId lab{1};
constexpr ChannelId other{2};

std::string text_of(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; text.size() < bytes; ++i) text += std::to_string(i * 7919) + '|';
  text.resize(bytes);
  return text;
}

Body stage(OpenStore& store, std::string_view bytes) {
  auto writer = must(store.staging().begin());
  for (std::size_t at = 0; at < bytes.size(); at += 100'000)
    must(writer->append(bytes.substr(at, 100'000)));
  return must(writer->finish());
}

void check_round_trip(OpenStore& store) {
  auto sent = arrival(lab, "MSH|^~\\&|");
  sent.draft.batch_place = 3;
  sent.draft.hops = 2;
  sent.draft.links = {{MessageId{1'000'000}, LinkKind::Replay},
                      {MessageId{2'000'000}, LinkKind::DuplicateOf}};
  sent.draft.origin = Origin{"file:/in/a.hl7", 17};
  sent.order_keys = {UINT64_MAX, 12};
  sent.duplicate = {UINT64_MAX - 1, UINT64_MAX - 2};
  sent.flags = message_flags::duplicate | message_flags::replay;
  sent.terms = {{"PID-3.1", "12345"}, {"MSH-10", "MSG-1"}};
  const auto id = must(accept(store, sent)).message;
  const auto stored = must(store.work().message(id));
  CHECK(stored.id == id);
  const auto& got = stored.arrival;
  CHECK(got.channel == lab);
  CHECK(got.received_at == sent.received_at);
  CHECK(got.draft.body.view() == "MSH|^~\\&|");
  CHECK(got.draft.content_type == ContentType::Hl7v2);
  CHECK(got.draft.sender.address == "192.0.2.7:51022");
  CHECK(got.draft.sender.name == "lab");
  CHECK(got.draft.batch_place == 3);
  CHECK(got.draft.hops == 2);
  REQUIRE(got.draft.links.size() == 2);
  CHECK(got.draft.links[1].parent == MessageId{2'000'000});
  CHECK(got.draft.links[1].kind == LinkKind::DuplicateOf);
  REQUIRE(got.draft.origin);
  CHECK(got.draft.origin->position == 17);
  CHECK(got.control_id == "MSG-1");
  CHECK(got.type == "ADT^A01");
  CHECK(got.order_keys == OrderKeys{UINT64_MAX, 12});
  CHECK(got.duplicate == sent.duplicate);
  CHECK(got.flags == sent.flags);
}

void check_order_of_receipts(OpenStore& store) {
  constexpr int count = 500;
  std::vector<MessageId> ids;
  std::promise<void> all;
  for (int i = 0; i < count; ++i)
    store.journal().accept(arrival(lab, std::to_string(i)), [&](Result<Receipt> receipt) {
      ids.push_back(must(std::move(receipt)).message);
      if (ids.size() == count) all.set_value();
    });
  await(store, all.get_future());
  for (std::size_t i = 1; i < count; ++i) CHECK(ids[i - 1] < ids[i]);
  for (std::size_t i : {0u, 1u, 250u, 499u})
    CHECK(must(store.work().message(ids[i])).arrival.draft.body.view() == std::to_string(i));
}

void check_origins(StoreBench& bench, OpenStore& store) {
  auto first = arrival(lab, "one");
  first.draft.origin = Origin{"file:a", 1};
  auto one = accept_later(store, first);
  auto again = accept_later(store, first);  // with luck in the same transaction
  const auto receipt = must(await(store, std::move(one)));
  CHECK_FALSE(receipt.was_there);
  const auto second = must(await(store, std::move(again)));
  CHECK(second.was_there);
  CHECK(second.message == receipt.message);

  first.draft.origin->position = 2;
  CHECK_FALSE(must(accept(store, first)).was_there);
  first.channel = other;
  first.draft.origin->position = 1;
  CHECK_FALSE(must(accept(store, first)).was_there);

  auto reopened = bench.open();
  first.channel = lab;
  const auto later = must(accept(*reopened, first));
  CHECK(later.was_there);
  CHECK(later.message == receipt.message);
  CHECK(must(reopened->work().open_runs(lab, whole_page())).size() == 2);
}

void check_staging(OpenStore& store) {
  const auto text = text_of(2 * limits::staged_chunk_bytes + 12'345);
  const auto body = stage(store, text);
  REQUIRE(body.is_staged());
  CHECK(body.size() == text.size());
  auto& staging = store.staging();
  CHECK(must(staging.read(body.staged(), 0, 10)) == text.substr(0, 10));
  const auto edge = limits::staged_chunk_bytes - 5;
  CHECK(must(staging.read(body.staged(), edge, 11)) == text.substr(edge, 11));
  CHECK(must(staging.read(body.staged(), text.size() - 7, 100)) == text.substr(text.size() - 7));
  CHECK(staging.read(BodyId{77}, 0, 1).error().kind == ErrorKind::NotFound);
  CHECK(stage(store, text_of(100)).view() == text_of(100));

  auto sent = arrival(lab, "");
  sent.draft.body = body;
  const auto id = must(accept(store, sent)).message;
  const auto stored = must(store.work().message(id));
  CHECK(stored.arrival.draft.body.staged() == body.staged());
  CHECK(stored.arrival.draft.body.size() == text.size());
  CHECK(stored.arrival.control_id == "MSG-1");
}

void check_take_over(StoreBench& bench, OpenStore& store) {
  const auto before = must(accept(store, arrival(lab, "before"))).message;
  auto next = bench.open();
  CHECK(accept(store, arrival(lab, "late")).error().kind == ErrorKind::LeaseLost);
  CHECK(record(store, passage(before, lab)).error().kind == ErrorKind::LeaseLost);
  CHECK(settle(store, {}).error().kind == ErrorKind::LeaseLost);
  CHECK(next->journal().holds_lease());
  const auto after = must(accept(*next, arrival(lab, "after"))).message;
  CHECK(after > before);
  CHECK(must(next->work().open_runs(lab, whole_page())).size() == 2);
}

}  // namespace

void check_accepting(StoreBench& bench) {
  auto store = bench.open();
  CHECK(store->journal().holds_lease());
  SECTION("what is accepted is read back") {
    check_round_trip(*store);
  }
  SECTION("receipts come in the order of the calls") {
    check_order_of_receipts(*store);
  }
  SECTION("an origin is accepted once") {
    check_origins(bench, *store);
  }
  SECTION("large bodies are staged") {
    check_staging(*store);
  }
  SECTION("who takes over shuts out who was there") {
    check_take_over(bench, *store);
  }
  SECTION("a body of every byte is kept") {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    const auto id = must(accept(*store, arrival(lab, bytes))).message;
    CHECK(must(store->work().message(id)).arrival.draft.body.view() == bytes);
    const auto none = must(accept(*store, arrival(lab, ""))).message;
    CHECK(must(store->work().message(none)).arrival.draft.body.view().empty());
  }
  SECTION("there is no message that was not accepted") {
    CHECK(store->work().message(MessageId{5}).error().kind == ErrorKind::NotFound);
  }
}

void check_store_contract(const MakeBench& fresh) {
  auto bench = fresh();
  SECTION("accepting") {
    check_accepting(*bench);
  }
  SECTION("runs and deliveries") {
    check_runs_and_deliveries(*bench);
  }
  SECTION("parts") {
    check_parts(*bench);
  }
  SECTION("settling") {
    check_settling(*bench);
  }
  SECTION("attention") {
    check_attention(*bench);
  }
  SECTION("recovery") {
    check_recovery(*bench);
  }
}

}  // namespace causeway::testing
