// The contract of sources.
#include <catch2/catch.hpp>
#include <future>

#include "tests/contract/connector_contract.h"

namespace causeway::contract {
namespace {

using namespace std::chrono_literals;
using testing::FaultProxy;
using testing::RecordingIntake;
using Answer = SourceHarness::Answer;

constexpr auto moment = 150ms;  // in which something wrong would happen, were it going to

std::uint16_t port_of(const Source& source) {
  const auto address = source.address();
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

/// A started source, and its intake, which outlives its last callback.
struct Bench {
  explicit Bench(SourceHarness& h, SourceShape shape = {}) : harness(h) {
    source = harness.make(shape, engine);
    REQUIRE(source);
    intake.emplace();
    intake->answers_for(*source);
    const auto started = source->start(*intake);
    REQUIRE(started.ok());
    port = port_of(*source);
  }
  ~Bench() {
    source->stop(0ms);
    intake.reset();  // its thread may be composing a reply
  }
  std::unique_ptr<Sender> connect() { return harness.connect(port); }
  void exchange(Sender& sender, const std::string& message) {
    REQUIRE(sender.peer().send(harness.wire(message)));
    const auto reply = sender.reply();
    REQUIRE(reply);
    CHECK(harness.read_reply(message, *reply) == Answer::Accepted);
  }
  void still_serves() {
    auto sender = connect();
    exchange(*sender, harness.message(999));
  }

  SourceHarness& harness;
  Engine engine;
  std::unique_ptr<Source> source;
  std::optional<RecordingIntake> intake;
  std::uint16_t port = 0;
};

bool is_closed(Sender& sender) {
  for (const auto until = std::chrono::steady_clock::now() + testing::TcpPeer::patience;
       !sender.peer().ended() && std::chrono::steady_clock::now() < until;)
    sender.peer().receive(100ms);
  return sender.peer().ended();
}

void check_messages(SourceHarness& harness) {
  SECTION("source: bytes reach the intake as they were sent, and each message is answered") {
    Bench bench(harness);
    auto sender = bench.connect();
    for (int i = 0; i < 20; ++i) bench.exchange(*sender, harness.message(i, 100 * i));
    REQUIRE(bench.intake->count() == 20);
    for (int i = 0; i < 20; ++i) {
      const auto index = static_cast<std::size_t>(i);
      CHECK(bench.intake->message(index).body.view() == harness.message(i, 100 * i));
      CHECK(bench.intake->reply_state(index) == ReplyState::Sent);
      CHECK_THAT(bench.intake->message(index).sender.address, Catch::StartsWith("127.0.0.1:"));
    }
  }
  SECTION("source: a large body is staged, unaltered and in its place") {
    Bench bench(harness);
    auto sender = bench.connect();
    const auto large = harness.message(1, 700'000);
    REQUIRE(sender->peer().send(harness.wire(harness.message(0)) + harness.wire(large) +
                                harness.wire(harness.message(2))));
    for (int i = 0; i < 3; ++i) {
      const auto reply = sender->reply();
      REQUIRE(reply);
      CHECK(harness.read_reply(harness.message(i), *reply) == Answer::Accepted);
    }
    const auto body = bench.intake->message(1).body;
    REQUIRE(body.is_staged());
    CHECK(*bench.engine.staging.read(body.staged(), 0, large.size() + 1) == large);
    if (harness.has_large_at_hand()) CHECK(bench.intake->message(1).readable_view() == large);
    CHECK(bench.intake->message(2).body.view() == harness.message(2));
  }
  SECTION("source: a large body that can't be staged is refused") {
    Bench bench(harness);
    bench.engine.staging.go_away(true);
    auto sender = bench.connect();
    REQUIRE(sender->peer().send(harness.wire(harness.message(1, 700'000))));
    const auto reply = sender->reply();
    REQUIRE(reply);
    CHECK(harness.read_reply(harness.message(1), *reply) == Answer::Refused);
    CHECK(bench.intake->count() == 0);
  }
  SECTION("source: replies come in the order of the messages, in whatever order they are decided") {
    Bench bench(harness);
    bench.intake->hold_replies();
    auto sender = bench.connect();
    const auto together = std::min<std::size_t>(5, harness.unanswered_max());
    for (int i = 0; i < 5; ++i) REQUIRE(sender->peer().send(harness.wire(harness.message(i))));
    REQUIRE(bench.intake->wait_for(together));
    for (std::size_t i : {4u, 2u, 0u, 3u, 1u})
      if (i < together) bench.intake->answer(i);
    for (int i = 0; i < static_cast<int>(together); ++i) {
      const auto reply = sender->reply();
      REQUIRE(reply);
      CHECK(harness.read_reply(harness.message(i), *reply) == Answer::Accepted);
    }
  }
  SECTION("source: a message that could not be stored is refused") {
    Bench bench(harness);
    bench.intake->refuse(ErrorKind::Unavailable);
    auto sender = bench.connect();
    REQUIRE(sender->peer().send(harness.wire(harness.message(1))));
    const auto reply = sender->reply();
    REQUIRE(reply);
    CHECK(harness.read_reply(harness.message(1), *reply) == Answer::Refused);
  }
  SECTION("source: a sender that ends its side after its last message gets all replies") {
    Bench bench(harness);
    auto sender = bench.connect();
    REQUIRE(
        sender->peer().send(harness.wire(harness.message(1)) + harness.wire(harness.message(2))));
    sender->peer().finish_sending();
    CHECK(sender->reply());
    CHECK(sender->reply());
    CHECK(is_closed(*sender));
  }
}

void check_pressure(SourceHarness& harness) {
  SECTION("source: while the intake wants no more, nothing is offered; nothing is lost by it") {
    Bench bench(harness);
    auto sender = bench.connect();
    bench.exchange(*sender, harness.message(0));
    const bool by_pause = GENERATE(false, true);
    if (by_pause)
      bench.source->pause(true);
    else
      bench.intake->want_more(false);
    for (int i = 1; i <= 3; ++i) REQUIRE(sender->peer().send(harness.wire(harness.message(i))));
    CHECK_FALSE(bench.intake->wait_for(2, moment));
    if (by_pause)
      bench.source->pause(false);
    else
      bench.intake->want_more(true);
    for (int i = 1; i <= 3; ++i) CHECK(sender->reply());
    CHECK(bench.intake->message(3).body.view() == harness.message(3));
  }
  SECTION("source: a sender that reads no replies is slowed down, not buffered without end") {
    Bench bench(harness);
    bench.intake->hold_replies();
    auto sender = bench.connect();
    std::string many;
    for (int i = 0; i < 5000; ++i) many += harness.wire(harness.message(i));
    auto sending = std::async(std::launch::async, [&] { return sender->peer().send(many); });
    REQUIRE(bench.intake->wait_for(1));
    std::this_thread::sleep_for(moment);
    const auto taken = bench.intake->count();
    CHECK(taken <= 1000);
    std::this_thread::sleep_for(moment);
    CHECK(bench.intake->count() == taken);
    bench.source->stop(0ms);
    sending.wait();
  }
}

void check_life_cycle(SourceHarness& harness) {
  SECTION("source: start and stop are idempotent, and it starts again") {
    Bench bench(harness);
    CHECK(bench.source->start(*bench.intake).ok());
    bench.still_serves();
    CHECK(bench.source->probe().good);
    bench.source->stop(1s);
    bench.source->stop(1s);
    CHECK_FALSE(bench.source->probe().good);
    CHECK_THROWS(harness.connect(bench.port));
    REQUIRE(bench.source->start(*bench.intake).ok());
    bench.port = port_of(*bench.source);
    bench.still_serves();
  }
  SECTION("source: stop waits for the replies that are still owed") {
    Bench bench(harness);
    bench.intake->hold_replies();
    auto sender = bench.connect();
    auto idle = bench.connect();
    REQUIRE(sender->peer().send(harness.wire(harness.message(1))));
    REQUIRE(bench.intake->wait_for(1));
    auto stopping = std::async(std::launch::async, [&] { bench.source->stop(10s); });
    CHECK(is_closed(*idle));
    CHECK(stopping.wait_for(moment) == std::future_status::timeout);
    REQUIRE(sender->peer().send(harness.wire(harness.message(2))));
    bench.intake->answer(0);
    const auto reply = sender->reply();
    REQUIRE(reply);
    CHECK(harness.read_reply(harness.message(1), *reply) == Answer::Accepted);
    stopping.get();
    CHECK(is_closed(*sender));
    CHECK(bench.intake->count() == 1);
    CHECK(bench.intake->reply_state(0) == ReplyState::Sent);
  }
  SECTION("source: stop ends after its grace, and a reply that comes later does no harm") {
    Bench bench(harness);
    bench.intake->hold_replies();
    auto sender = bench.connect();
    REQUIRE(sender->peer().send(harness.wire(harness.message(1))));
    REQUIRE(bench.intake->wait_for(1));
    bench.source->stop(20ms);
    CHECK(is_closed(*sender));
    bench.intake->answer(0);
    CHECK_FALSE(bench.intake->reply_state(0, moment));
  }
  SECTION("source: an address in use is an error that names it") {
    Bench bench(harness);
    SourceShape shape;
    shape.port = bench.port;
    auto second = harness.make(shape, bench.engine);
    const auto started = second->start(*bench.intake);
    REQUIRE_FALSE(started.ok());
    CHECK(started.error().kind == ErrorKind::Conflict);
    CHECK_THAT(started.error().str(), Catch::Contains(std::to_string(bench.port)));
    bench.still_serves();
  }
}

void check_bad_lines(SourceHarness& harness) {
  SECTION("source: a message that comes and is answered byte by byte") {
    Bench bench(harness);
    FaultProxy proxy(bench.port);
    proxy.slice(1);
    auto sender = harness.connect(proxy.port());
    bench.exchange(*sender, harness.message(1, 500));
    CHECK(bench.intake->message(0).body.view() == harness.message(1, 500));
  }
  SECTION("source: a connection cut in the middle of a message offers nothing") {
    Bench bench(harness);
    FaultProxy proxy(bench.port);
    auto sender = harness.connect(proxy.port());
    bench.exchange(*sender, harness.message(1));
    const auto wire = harness.wire(harness.message(2));
    proxy.cut_after(FaultProxy::Way::ToServer, wire.size() / 2);
    sender->peer().send(wire);
    CHECK(is_closed(*sender));
    bench.still_serves();
    CHECK(bench.intake->count() == 2);
  }
  SECTION("source: a reply that can't reach its sender is reported as lost") {
    Bench bench(harness);
    bench.intake->hold_replies();
    auto sender = bench.connect();
    REQUIRE(sender->peer().send(harness.wire(harness.message(1))));
    REQUIRE(bench.intake->wait_for(1));
    sender->peer().reset();
    // The reset is noticed at once, so that a connection made later finds the first one gone.
    auto other = bench.connect();
    REQUIRE(other->peer().send(harness.wire(harness.message(2))));
    REQUIRE(bench.intake->wait_for(2));
    bench.intake->answer(0);
    CHECK(bench.intake->reply_state(0) == ReplyState::Lost);
    bench.intake->answer(1);
    CHECK(bench.intake->reply_state(1) == ReplyState::Sent);
  }
  SECTION("source: a peer that has gone silent is closed after the idle time") {
    SourceShape shape;
    shape.idle_timeout = 100ms;
    Bench bench(harness, shape);
    FaultProxy proxy(bench.port);
    auto sender = harness.connect(proxy.port());
    bench.exchange(*sender, harness.message(1));
    proxy.hold_back(FaultProxy::Way::ToServer, true);
    sender->peer().send(harness.wire(harness.message(2)));
    CHECK(is_closed(*sender));
  }
}

void check_limits(SourceHarness& harness) {
  SECTION("source: bytes that aren't of the protocol close the connection, not the source") {
    const auto garbage = harness.garbage();
    Bench bench(harness);
    auto sender = bench.connect();
    if (garbage.empty()) return;
    sender->peer().send(garbage);
    CHECK(is_closed(*sender));
    CHECK(bench.intake->count() == 0);
    bench.still_serves();
  }
  SECTION("source: a message above the size limit isn't offered; one at the limit is") {
    SourceShape shape;
    shape.message_bytes_max = 5000;
    Bench bench(harness, shape);
    auto sender = bench.connect();
    const auto largest = harness.message(1, 5000);
    REQUIRE(largest.size() == 5000);
    bench.exchange(*sender, largest);
    sender->peer().send(harness.wire(harness.message(2, 5001)));
    CHECK(is_closed(*sender));
    CHECK(bench.intake->count() == 1);
    bench.still_serves();
  }
  SECTION("source: connections above the limit are closed, and there is room again later") {
    SourceShape shape;
    shape.connections_max = 2;
    Bench bench(harness, shape);
    auto first = bench.connect();
    auto second = bench.connect();
    bench.exchange(*first, harness.message(1));
    bench.exchange(*second, harness.message(2));
    try {
      auto third = bench.connect();
      CHECK(is_closed(*third));
    } catch (const std::runtime_error&) {  // closed in the TLS handshake
    }
    bench.exchange(*first, harness.message(3));
    second->peer().close();
    bool served = false;
    for (int i = 0; i < 100 && !served; ++i) try {
        auto again = bench.connect();
        again->peer().send(harness.wire(harness.message(4)));
        served = again->reply().has_value();
      } catch (const std::runtime_error&) {
        std::this_thread::sleep_for(10ms);
      }
    CHECK(served);
  }
  SECTION("source: many connections at once") {
    Bench bench(harness);
    std::vector<std::unique_ptr<Sender>> senders;
    for (int i = 0; i < 100; ++i) senders.push_back(bench.connect());
    for (int i = 0; i < 100; ++i)
      REQUIRE(senders[static_cast<std::size_t>(i)]->peer().send(harness.wire(harness.message(i))));
    for (int i = 0; i < 100; ++i) {
      const auto reply = senders[static_cast<std::size_t>(i)]->reply();
      REQUIRE(reply);
      CHECK(harness.read_reply(harness.message(i), *reply) == Answer::Accepted);
    }
  }
}

}  // namespace

void check_source(SourceHarness& harness) {
  check_messages(harness);
  check_pressure(harness);
  check_life_cycle(harness);
  check_bad_lines(harness);
  check_limits(harness);
}

}  // namespace causeway::contract
