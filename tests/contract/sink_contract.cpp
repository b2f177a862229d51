// The contract of sinks.
#include <catch2/catch.hpp>
#include <future>

#include "tests/contract/connector_contract.h"

namespace causeway::contract {
namespace {

using namespace std::chrono_literals;
using testing::FaultProxy;

constexpr auto moment = 150ms;  // in which something wrong would happen, were it going to

struct Bench {
  explicit Bench(SinkHarness& h) : harness(h), receiver(h.listen()) {}
  ~Bench() {
    if (sink) sink->stop(0ms);
  }
  void start(SinkShape shape = {}) {
    if (shape.port == 0) shape.port = receiver->port();
    sink = harness.make(shape, engine);
    REQUIRE(sink);
    REQUIRE(sink->start().ok());
  }
  std::future<Attempt> deliver_body(Body body) {
    StoredDelivery delivery;
    delivery.body = std::move(body);
    auto promise = std::make_shared<std::promise<Attempt>>();
    sink->deliver(std::move(delivery), [promise](Attempt attempt) {
      promise->set_value(std::move(attempt));  // throws at a second call
    });
    return promise->get_future();
  }
  std::future<Attempt> deliver(const std::string& message) {
    return deliver_body(Body(make_bytes(message)));
  }
  /// The receiver reads this message and answers.
  void serve(ReceiverConnection& connection, const std::string& message,
             SinkAnswer answer = SinkAnswer::Accept) {
    REQUIRE(connection.message() == message);
    REQUIRE(connection.peer().send(connection.answer(message, answer)));
  }
  std::unique_ptr<ReceiverConnection> accept() {
    auto connection = receiver->accept();
    REQUIRE(connection);
    return connection;
  }

  SinkHarness& harness;
  Engine engine;
  std::unique_ptr<Receiver> receiver;
  std::unique_ptr<Sink> sink;
};

Attempt outcome(std::future<Attempt>& future) {
  REQUIRE(future.wait_for(20s) == std::future_status::ready);
  return future.get();
}

bool is_closed(ReceiverConnection& connection) {
  for (const auto until = std::chrono::steady_clock::now() + testing::TcpPeer::patience;
       !connection.peer().ended() && std::chrono::steady_clock::now() < until;)
    connection.peer().receive(100ms);
  return connection.peer().ended();
}

void check_messages(SinkHarness& harness) {
  SECTION("sink: bytes arrive as they are, over one connection, and the response is kept") {
    Bench bench(harness);
    bench.start();
    std::unique_ptr<ReceiverConnection> connection;
    for (int i = 0; i < 20; ++i) {
      const auto message = harness.message(i, 200 * i);
      auto attempt = bench.deliver(message);
      if (!connection) connection = bench.accept();
      bench.serve(*connection, message);
      const auto got = outcome(attempt);
      CHECK(got.outcome == Outcome::Delivered);
      CHECK(got.reason.kind == ErrorKind::None);
      CHECK_FALSE(got.response.empty());
      CHECK_FALSE(got.destination_down);
    }
  }
  SECTION("sink: deliveries that wait are sent in order, one at a time") {
    Bench bench(harness);
    bench.start();
    std::vector<std::future<Attempt>> attempts;
    for (int i = 0; i < 10; ++i) attempts.push_back(bench.deliver(harness.message(i)));
    auto connection = bench.accept();
    for (int i = 0; i < 10; ++i) bench.serve(*connection, harness.message(i));
    for (auto& attempt : attempts) CHECK(outcome(attempt).outcome == Outcome::Delivered);
  }
  SECTION("sink: what the receiver says decides") {
    Bench bench(harness);
    bench.start();
    auto rejected = bench.deliver(harness.message(1));
    auto connection = bench.accept();
    bench.serve(*connection, harness.message(1), SinkAnswer::Reject);
    const auto no = outcome(rejected);
    CHECK(no.outcome == Outcome::Rejected);
    CHECK(no.reason.kind == ErrorKind::Refused);
    CHECK_FALSE(no.response.empty());
    auto deferred = bench.deliver(harness.message(2));
    bench.serve(*connection, harness.message(2), SinkAnswer::NotNow);
    CHECK(outcome(deferred).outcome == Outcome::Deferred);
  }
  SECTION("sink: as many in flight as it says") {
    Bench bench(harness);
    SinkShape shape;
    shape.connections = 3;
    bench.start(shape);
    CHECK(bench.sink->concurrency() == 3);
    std::vector<std::future<Attempt>> attempts;
    for (int i = 0; i < 4; ++i) attempts.push_back(bench.deliver(harness.message(i)));
    std::vector<std::unique_ptr<ReceiverConnection>> connections;
    for (int i = 0; i < 3; ++i) connections.push_back(bench.accept());
    std::vector<std::string> messages;
    for (auto& connection : connections) messages.push_back(connection->message().value_or(""));
    CHECK_FALSE(bench.receiver->accept(moment));
    for (std::size_t i = 0; i < 3; ++i)
      connections[i]->peer().send(connections[i]->answer(messages[i], SinkAnswer::Accept));
    for (std::size_t i = 0; i < 3; ++i) CHECK(outcome(attempts[i]).outcome == Outcome::Delivered);
    for (auto& connection : connections)
      if (auto last = connection->message(moment)) {
        CHECK(*last == harness.message(3));
        connection->peer().send(connection->answer(*last, SinkAnswer::Accept));
      }
    CHECK(outcome(attempts[3]).outcome == Outcome::Delivered);
  }
  SECTION("sink: a staged body is sent whole; one that can't be read is deferred") {
    Bench bench(harness);
    bench.start();
    const auto message = harness.message(1, 2'500'000);
    const auto body = bench.engine.staging.put(message);
    auto attempt = bench.deliver_body(body);
    auto connection = bench.accept();
    bench.serve(*connection, message);
    CHECK(outcome(attempt).outcome == Outcome::Delivered);
    bench.engine.staging.go_away(true);
    auto second = bench.deliver_body(body);
    CHECK(outcome(second).outcome == Outcome::Deferred);
  }
}

void check_connecting(SinkHarness& harness) {
  SECTION("sink: nobody listens: deferred, and the destination is down") {
    Bench bench(harness);
    SinkShape shape;
    shape.port = testing::unused_port();
    bench.start(shape);
    auto attempt = bench.deliver(harness.message(1));
    const auto got = outcome(attempt);
    CHECK(got.outcome == Outcome::Deferred);
    CHECK(got.destination_down);
    CHECK(got.reason.kind == ErrorKind::Unavailable);
    const auto probe = bench.sink->probe();
    CHECK_FALSE(probe.good);
    CHECK_THAT(probe.text, Catch::Contains(std::to_string(shape.port)));
  }
  SECTION("sink: a name that doesn't exist: deferred, and the destination is down") {
    Bench bench(harness);
    SinkShape shape;
    shape.host = "no-such-host.invalid";
    bench.start(shape);
    auto attempt = bench.deliver(harness.message(1));
    const auto got = outcome(attempt);
    CHECK(got.outcome == Outcome::Deferred);
    CHECK(got.destination_down);
  }
  SECTION("sink: probe connects, and sends nothing") {
    Bench bench(harness);
    bench.start();
    auto probing = std::async(std::launch::async, [&] { return bench.sink->probe(); });
    auto connection = bench.accept();
    CHECK(probing.get().good);
    CHECK(is_closed(*connection));
  }
  SECTION("sink: a connection that the receiver closed while idle is replaced") {
    Bench bench(harness);
    bench.start();
    auto first = bench.deliver(harness.message(1));
    auto connection = bench.accept();
    bench.serve(*connection, harness.message(1));
    CHECK(outcome(first).outcome == Outcome::Delivered);
    connection->peer().close();
    auto second = bench.deliver(harness.message(2));
    connection = bench.accept();
    bench.serve(*connection, harness.message(2));
    CHECK(outcome(second).outcome == Outcome::Delivered);
  }
  SECTION("sink: bytes that nobody asked for close an idle connection") {
    Bench bench(harness);
    bench.start();
    auto first = bench.deliver(harness.message(1));
    auto connection = bench.accept();
    bench.serve(*connection, harness.message(1));
    CHECK(outcome(first).outcome == Outcome::Delivered);
    connection->peer().send(connection->answer(harness.message(2), SinkAnswer::Reject));
    CHECK(is_closed(*connection));
    auto second = bench.deliver(harness.message(2));
    connection = bench.accept();
    bench.serve(*connection, harness.message(2));
    CHECK(outcome(second).outcome == Outcome::Delivered);
  }
}

void check_bad_lines(SinkHarness& harness) {
  SECTION("sink: message and reply that pass byte by byte") {
    Bench bench(harness);
    FaultProxy proxy(bench.receiver->port());
    proxy.slice(1);
    SinkShape shape;
    shape.port = proxy.port();
    bench.start(shape);
    auto attempt = bench.deliver(harness.message(1, 300));
    auto connection = bench.accept();
    bench.serve(*connection, harness.message(1, 300));
    CHECK(outcome(attempt).outcome == Outcome::Delivered);
  }
  SECTION("sink: cut before the end of the message was handed over: deferred") {
    Bench bench(harness);
    bench.start();
    // Far more than the kernel's buffers hold, and nobody reads.
    auto attempt = bench.deliver(harness.message(1, 15'000'000));
    auto connection = bench.accept();
    CHECK_FALSE(connection->peer().receive().empty());
    connection->peer().reset();
    const auto got = outcome(attempt);
    CHECK(got.outcome == Outcome::Deferred);
    CHECK_FALSE(got.destination_down);
  }
  SECTION("sink: a receiver that takes no bytes: deferred after the time-out") {
    Bench bench(harness);
    SinkShape shape;
    shape.reply_timeout = 200ms;
    bench.start(shape);
    auto attempt = bench.deliver(harness.message(1, 15'000'000));
    auto connection = bench.accept();
    const auto got = outcome(attempt);
    CHECK(got.outcome == Outcome::Deferred);
    CHECK(got.reason.kind == ErrorKind::TimedOut);
  }
  SECTION("sink: closed or reset after the message and before its reply: ambiguous") {
    Bench bench(harness);
    bench.start();
    const bool by_reset = GENERATE(false, true);
    auto attempt = bench.deliver(harness.message(1));
    auto connection = bench.accept();
    REQUIRE(connection->message() == harness.message(1));
    if (by_reset)
      connection->peer().reset();
    else
      connection->peer().close();
    CHECK(outcome(attempt).outcome == Outcome::Ambiguous);
  }
  SECTION("sink: cut in the middle of the reply: ambiguous") {
    Bench bench(harness);
    bench.start();
    auto attempt = bench.deliver(harness.message(1));
    auto connection = bench.accept();
    REQUIRE(connection->message() == harness.message(1));
    const auto answer = connection->answer(harness.message(1), SinkAnswer::Accept);
    connection->peer().send(std::string_view(answer).substr(0, answer.size() / 2));
    connection->peer().close();
    CHECK(outcome(attempt).outcome == Outcome::Ambiguous);
  }
  SECTION("sink: a late reply is never taken for the next message's") {
    Bench bench(harness);
    SinkShape shape;
    shape.reply_timeout = 200ms;
    bench.start(shape);
    auto first = bench.deliver(harness.message(1));
    auto connection = bench.accept();
    REQUIRE(connection->message() == harness.message(1));
    const auto got = outcome(first);
    CHECK(got.outcome == Outcome::Ambiguous);
    CHECK(got.reason.kind == ErrorKind::TimedOut);
    auto second = bench.deliver(harness.message(2));
    connection->peer().send(connection->answer(harness.message(1), SinkAnswer::Accept));
    auto next = bench.accept();
    bench.serve(*next, harness.message(2), SinkAnswer::Reject);
    CHECK(outcome(second).outcome == Outcome::Rejected);
    CHECK(is_closed(*connection));
  }
  SECTION("sink: a half-open connection: ambiguous, and then a new connection") {
    Bench bench(harness);
    FaultProxy proxy(bench.receiver->port());
    SinkShape shape;
    shape.port = proxy.port();
    shape.reply_timeout = 300ms;
    bench.start(shape);
    auto first = bench.deliver(harness.message(1));
    auto connection = bench.accept();
    bench.serve(*connection, harness.message(1));
    CHECK(outcome(first).outcome == Outcome::Delivered);
    proxy.hold_back(FaultProxy::Way::ToServer, true);
    auto second = bench.deliver(harness.message(2));
    CHECK(outcome(second).outcome == Outcome::Ambiguous);
    proxy.hold_back(FaultProxy::Way::ToServer, false);
    auto third = bench.deliver(harness.message(3));
    auto next = bench.accept();
    bench.serve(*next, harness.message(3));
    CHECK(outcome(third).outcome == Outcome::Delivered);
  }
  SECTION("sink: bytes after a reply: the reply counts, the connection doesn't") {
    Bench bench(harness);
    bench.start();
    auto first = bench.deliver(harness.message(1));
    auto connection = bench.accept();
    REQUIRE(connection->message() == harness.message(1));
    const auto answer = connection->answer(harness.message(1), SinkAnswer::Accept);
    connection->peer().send(answer + answer);
    CHECK(outcome(first).outcome == Outcome::Delivered);
    auto second = bench.deliver(harness.message(2));
    auto next = bench.accept();
    bench.serve(*next, harness.message(2), SinkAnswer::Reject);
    CHECK(outcome(second).outcome == Outcome::Rejected);
  }
}

void check_life_cycle(SinkHarness& harness) {
  SECTION("sink: start and stop are idempotent; before and after, deliveries are deferred") {
    Bench bench(harness);
    bench.start();
    CHECK(bench.sink->start().ok());
    bench.sink->stop(1s);
    bench.sink->stop(1s);
    auto late = bench.deliver(harness.message(1));
    const auto got = outcome(late);
    CHECK(got.outcome == Outcome::Deferred);
    CHECK(got.reason.kind == ErrorKind::Stopped);
    REQUIRE(bench.sink->start().ok());
    auto again = bench.deliver(harness.message(2));
    auto connection = bench.accept();
    bench.serve(*connection, harness.message(2));
    CHECK(outcome(again).outcome == Outcome::Delivered);
  }
  SECTION("sink: stop waits for the reply; what has sent nothing is deferred at once") {
    Bench bench(harness);
    bench.start();
    auto sent = bench.deliver(harness.message(1));
    auto waiting = bench.deliver(harness.message(2));
    auto connection = bench.accept();
    REQUIRE(connection->message() == harness.message(1));
    auto stopping = std::async(std::launch::async, [&] { bench.sink->stop(10s); });
    const auto got = outcome(waiting);
    CHECK(got.outcome == Outcome::Deferred);
    CHECK(got.reason.kind == ErrorKind::Stopped);
    CHECK(stopping.wait_for(moment) == std::future_status::timeout);
    connection->peer().send(connection->answer(harness.message(1), SinkAnswer::Accept));
    stopping.get();
    REQUIRE(sent.wait_for(0s) == std::future_status::ready);
    CHECK(sent.get().outcome == Outcome::Delivered);
  }
  SECTION("sink: nothing leaves once the lease may be over, whatever waits inside") {
    Bench bench(harness);
    bench.start();
    auto sent = bench.deliver(harness.message(1));
    auto waiting = bench.deliver(harness.message(2));
    auto connection = bench.accept();
    REQUIRE(connection->message() == harness.message(1));
    bench.engine.holds_lease = false;
    connection->peer().send(connection->answer(harness.message(1), SinkAnswer::Accept));
    CHECK(outcome(sent).outcome == Outcome::Delivered);
    const auto got = outcome(waiting);
    CHECK(got.outcome == Outcome::Deferred);
    CHECK(got.reason.kind == ErrorKind::Stopped);
    bench.engine.holds_lease = true;
    auto again = bench.deliver(harness.message(3));
    bench.serve(*connection, harness.message(3));
    CHECK(outcome(again).outcome == Outcome::Delivered);
  }
  SECTION("sink: stop ends after its grace with every outcome reported") {
    Bench bench(harness);
    bench.start();
    auto sent = bench.deliver(harness.message(1));
    auto connection = bench.accept();
    REQUIRE(connection->message() == harness.message(1));
    bench.sink->stop(20ms);
    REQUIRE(sent.wait_for(0s) == std::future_status::ready);
    CHECK(sent.get().outcome == Outcome::Ambiguous);
    CHECK(is_closed(*connection));
  }
}

}  // namespace

void check_sink(SinkHarness& harness) {
  check_messages(harness);
  check_connecting(harness);
  check_bad_lines(harness);
  check_life_cycle(harness);
}

}  // namespace causeway::contract
