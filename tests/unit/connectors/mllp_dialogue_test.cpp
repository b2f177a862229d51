// What is particular to MLLP: acknowledgement codes and modes, and the policies of both ends.
#include <catch2/catch.hpp>
#include <future>

#include "connectors/mllp/kind.h"
#include "connectors/support/event_loop.h"
#include "tests/support/recording_intake.h"
#include "tests/support/tcp_peer.h"

namespace causeway::connectors::mllp {
namespace {

using namespace std::chrono_literals;
using testing::RecordingIntake;
using testing::TcpPeer;
using testing::TcpServer;

struct Engine {
  Engine() { loop.start(); }
  EventLoop loop;
  MachineClock clock;
  NoLog log;
  Metrics metrics;
  Environment environment{loop, clock, log, metrics, nullptr};
};

config::Parsed read_config(const config::Fields& fields, const std::string& json) {
  config::Problems problems;
  const auto value = config::parse_json(json, problems);
  REQUIRE(value);
  auto parsed = config::read(fields, *value, problems);
  REQUIRE(problems.empty());
  return parsed;
}

std::string message(const std::string& control_id, const std::string& ack_types = "") {
  return "MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260301120000||ADT^A01|" + control_id + "|P|2.5|||" +
         ack_types + "\rPID|1\r";
}

std::string framed(const std::string& content) {
  return "\x0b" + content + "\x1c\r";
}

std::string ack(const std::string& code, const std::string& control_id) {
  return framed("MSH|^~\\&|EMR|HOSP|LAB|HOSP|20260301120001||ACK|R|P|2.5\rMSA|" + code + "|" +
                control_id + "\r");
}

struct SourceBench {
  explicit SourceBench(const std::string& more = "") {
    auto made = kind().make_source(read_config(*kind().source_fields, "{\"port\": 0" + more + "}"),
                                   {"lab/in", "source"}, engine.environment);
    REQUIRE(made.ok());
    source = std::move(*made);
    intake.emplace();
    intake->answers_for(*source);
    REQUIRE(source->start(*intake).ok());
    const auto address = source->address();
    peer = TcpPeer::connect(
        static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  }
  ~SourceBench() {
    source->stop(0ms);
    intake.reset();
  }
  /// What comes within a while, or up to the end of a frame.
  std::string receive(Milliseconds wait = TcpPeer::patience) {
    std::string got;
    while (got.find("\x1c\r") == std::string::npos) {
      auto more = peer->receive(wait);
      if (more.empty()) break;
      got += more;
    }
    return got;
  }
  std::uint64_t closed_for(const std::string& reason) {
    engine.loop.run_and_wait([] {});  // it may be in the midst of closing
    return engine.metrics
        .counter("causeway_source_connections_closed_total",
                 "channel=\"lab/in\",reason=\"" + reason + "\"")
        .value();
  }

  Engine engine;
  std::unique_ptr<Source> source;
  std::optional<RecordingIntake> intake;
  std::unique_ptr<TcpPeer> peer;
};

Verdict verdict(Verdict::Code code, Verdict::Level level) {
  Verdict made;
  made.code = code;
  made.level = level;
  return made;
}

TEST_CASE("mllp source: codes of original and enhanced mode") {
  using Code = Verdict::Code;
  using Level = Verdict::Level;
  Engine engine;
  auto source = kind().make_source(read_config(*kind().source_fields, "{\"port\": 0}"),
                                   {"c", "source"}, engine.environment);
  REQUIRE(source.ok());
  auto code = [&](const std::string& to, Code c, Level l) {
    const auto reply = (*source)->compose_reply(to, verdict(c, l));
    const auto at = reply.find("\rMSA|");
    return at == std::string::npos ? reply : reply.substr(at + 5, 2);
  };
  const auto original = message("1"), enhanced = message("1", "AL|AL");
  CHECK(code(original, Code::Accept, Level::Stored) == "AA");
  CHECK(code(original, Code::Error, Level::Done) == "AE");
  CHECK(code(original, Code::Reject, Level::Stored) == "AR");
  CHECK(code(enhanced, Code::Accept, Level::Stored) == "CA");
  CHECK(code(enhanced, Code::Error, Level::Stored) == "CE");
  CHECK(code(enhanced, Code::Reject, Level::Stored) == "CR");
  CHECK(code(enhanced, Code::Accept, Level::Done) == "AA");
  CHECK(code(enhanced, Code::Reject, Level::Done) == "AR");
  // One answer, of the kind that is wanted; none only where none is.
  CHECK(code(message("1", "NE|AL"), Code::Accept, Level::Stored) == "AA");
  CHECK(code(message("1", "NE|AL"), Code::Reject, Level::Stored) == "AR");
  CHECK(code(message("1", "AL|NE"), Code::Accept, Level::Done) == "CA");
  CHECK(code(message("1", "AL|NE"), Code::Error, Level::Done) == "CA");
  CHECK(code(message("1", "AL|ER"), Code::Error, Level::Done) == "AE");
  CHECK(code(message("1", "NE|NE"), Code::Accept, Level::Stored).empty());
  CHECK(code(message("1", "NE"), Code::Accept, Level::Stored).empty());
  CHECK(code(message("1", "NE|NE"), Code::Error, Level::Done).empty());
  CHECK(code("no HL7 at all", Code::Accept, Level::Stored) == "AE");
  auto verbatim = verdict(Code::Accept, Level::Done);
  verbatim.verbatim = make_bytes("as it is");
  CHECK((*source)->compose_reply(original, verbatim) == "as it is");
}

TEST_CASE("mllp source: a batch in a frame is taken apart where that is asked for") {
  const bool split = GENERATE(false, true);
  SourceBench bench(split ? ", \"batches\": \"split\"" : "");
  const auto batch = "BHS|^~\\&|LAB\r" + message("1") + message("2") + "BTS|2\r";
  bench.peer->send(framed(batch) + framed(message("3")));
  const auto reply = bench.receive();
  REQUIRE(bench.intake->wait_for(split ? 3 : 2));
  CHECK(bench.intake->message(0).body.view() == (split ? message("1") : batch));
  if (!split) return;
  CHECK(bench.intake->message(1).body.view() == message("2"));
  CHECK(bench.intake->message(1).batch_place == 2);
  CHECK(bench.intake->message(2).batch_place == 0);
  CHECK_THAT(reply, Catch::Contains("MSA|AA|1") && Catch::Contains("MSA|AA|2"));
  for (std::size_t i : {0, 1, 2}) CHECK(bench.intake->reply_state(i) == ReplyState::Sent);
}

TEST_CASE("mllp source: a reply that nobody wants is none, and the next comes in its place") {
  SourceBench bench;
  bench.peer->send(framed(message("1", "NE|NE")) + framed(message("2")));
  CHECK_THAT(bench.receive(), Catch::Contains("MSA|AA|2"));
  CHECK(bench.intake->reply_state(0) == ReplyState::None);
  CHECK(bench.intake->reply_state(1) == ReplyState::Sent);
}

TEST_CASE("mllp source: bytes without a readable MSH are offered and answered by policy") {
  const bool close = GENERATE(false, true);
  SourceBench bench(close ? ", \"on_unreadable\": \"close\"" : "");
  bench.peer->send(framed("no HL7 at all"));
  REQUIRE(bench.intake->wait_for(1));
  CHECK(bench.intake->message(0).body.view() == "no HL7 at all");
  const auto reply = bench.receive();
  CHECK(bench.peer->ended() == close);
  if (close)
    CHECK(reply.empty());
  else
    CHECK_THAT(reply, Catch::Contains("MSA|AE|"));
  CHECK(bench.intake->reply_state(0) == (close ? ReplyState::None : ReplyState::Sent));
}

TEST_CASE("mllp source: without a store it refuses, or closes for senders that take no for final") {
  const bool close = GENERATE(false, true);
  SourceBench bench(close ? ", \"on_store_unavailable\": \"stop_reading\"" : "");
  bench.intake->refuse(ErrorKind::Unavailable);
  bench.peer->send(framed(message("1")));
  const auto reply = bench.receive();
  CHECK(bench.peer->ended() == close);
  if (close)
    CHECK(reply.empty());
  else
    CHECK_THAT(reply, Catch::Contains("MSA|AR|1"));
}

TEST_CASE(
    "mllp source: a message refused for itself is answered even where the store's lack isn't") {
  SourceBench bench(", \"on_store_unavailable\": \"stop_reading\"");
  bench.intake->refuse(ErrorKind::Limit);
  bench.peer->send(framed(message("1")));
  CHECK_THAT(bench.receive(), Catch::Contains("MSA|AR|1"));
}

TEST_CASE("mllp source: a reply that can't be framed closes the connection") {
  SourceBench bench;
  bench.intake->hold_replies();
  bench.peer->send(framed(message("1")));
  REQUIRE(bench.intake->wait_for(1));
  Verdict bad;
  bad.verbatim = make_bytes("MSH|\x1c\rMSA|AA|1\r");
  bench.intake->answer(0, bad);
  CHECK(bench.receive().empty());
  CHECK(bench.peer->ended());
  CHECK(bench.intake->reply_state(0) == ReplyState::Lost);
}

TEST_CASE(
    "mllp source: a reply that the operating system hasn't taken whole is lost with its sender") {
  SourceBench bench;
  bench.intake->hold_replies();
  bench.peer->send(framed(message("1")) + framed(message("2")));
  REQUIRE(bench.intake->wait_for(2));
  Verdict large;
  large.verbatim = make_bytes(std::string(15'000'000, 'r'));
  bench.intake->answer(0, large);
  bench.intake->answer(1);
  CHECK_FALSE(bench.peer->receive().empty());
  CHECK_FALSE(bench.intake->reply_state(0, 50ms));
  bench.peer->reset();
  CHECK(bench.intake->reply_state(0) == ReplyState::Lost);
  CHECK(bench.intake->reply_state(1) == ReplyState::Lost);
}

TEST_CASE("mllp source: why a connection ended is counted") {
  SourceBench bench(", \"frame_timeout_ms\": 100, \"garbage_bytes_max\": 5");
  SECTION("an unfinished message") {
    bench.peer->send("\x0bMSH|");
    bench.receive();
    CHECK(bench.peer->ended());
    CHECK(bench.closed_for("frame_timeout") == 1);
  }
  SECTION("garbage") {
    bench.peer->send("\r\n12345" + framed(message("1")));
    CHECK_FALSE(bench.receive().empty());
    bench.peer->send("123456");
    bench.receive();
    CHECK(bench.peer->ended());
    CHECK(bench.closed_for("garbage") == 1);
  }
  SECTION("a cut message") {
    bench.peer->send("\x0bMSH|");
    bench.peer->finish_sending();
    bench.receive();
    CHECK(bench.peer->ended());
    CHECK(bench.closed_for("frame_cut") == 1);
  }
}

TEST_CASE("mllp source: all connections together hold a bounded number of bytes") {
  SourceBench bench(", \"buffered_bytes_max\": 200000");
  const auto half = "\x0b" + std::string(120'000, 'x');
  auto& first = *bench.peer;
  REQUIRE(first.send(half));
  const auto address = bench.source->address();
  auto second = TcpPeer::connect(
      static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  second->send(half);
  second->send(half);
  first.send(half);
  while (!second->ended() && !first.ended()) {
    second->receive(20ms);
    first.receive(20ms);
  }
  CHECK(bench.closed_for("buffers_full") >= 1);
}

// ---- Sink

struct SinkBench {
  explicit SinkBench(const std::string& more = "") {
    auto made = kind().make_sink(
        read_config(*kind().sink_fields, "{\"host\": \"localhost\", \"port\": " +
                                             std::to_string(server.port()) + more + "}"),
        {"lab/in", "emr"}, engine.environment);
    REQUIRE(made.ok());
    sink = std::move(*made);
    REQUIRE(sink->start().ok());
  }
  ~SinkBench() { sink->stop(0ms); }

  std::future<Attempt> deliver(const std::string& content) {
    auto promise = std::make_shared<std::promise<Attempt>>();
    StoredDelivery delivery;
    delivery.body = Body(make_bytes(content));
    sink->deliver(std::move(delivery),
                  [promise](Attempt attempt) { promise->set_value(std::move(attempt)); });
    return promise->get_future();
  }
  /// The attempt of a message that is answered with these bytes.
  Attempt answered(const std::string& content, const std::string& answer) {
    auto future = deliver(content);
    if (!peer) peer = server.accept();
    REQUIRE(peer);
    std::string got;
    while (got.find("\x1c\r") == std::string::npos) {
      auto more = peer->receive();
      REQUIRE_FALSE(more.empty());
      got += more;
    }
    CHECK(got == framed(content));
    REQUIRE(peer->send(answer));
    REQUIRE(future.wait_for(10s) == std::future_status::ready);
    auto attempt = future.get();
    return attempt;
  }
  bool is_closed() {
    peer->receive(200ms);
    return peer->ended();
  }

  TcpServer server;
  Engine engine;
  std::unique_ptr<Sink> sink;
  std::unique_ptr<TcpPeer> peer;
};

TEST_CASE("mllp sink: what each code means, by default and as configured") {
  SinkBench bench(", \"acks\": {\"CR\": \"rejected\", \"AE\": \"delivered\"}");
  using Expected = std::pair<const char*, Outcome>;
  for (auto [code, outcome] :
       {Expected{"AA", Outcome::Delivered}, Expected{"CA", Outcome::Delivered},
        Expected{"AE", Outcome::Delivered}, Expected{"CE", Outcome::Rejected},
        Expected{"AR", Outcome::Deferred}, Expected{"CR", Outcome::Rejected}}) {
    const auto attempt = bench.answered(message("7"), ack(code, "7"));
    CHECK(attempt.outcome == outcome);
    CHECK(framed(attempt.response) == ack(code, "7"));
    CHECK_FALSE(bench.is_closed());
  }
}

TEST_CASE("mllp sink: a reply to another message is ambiguous and ends the connection") {
  SinkBench bench;
  const auto attempt = bench.answered(message("7"), ack("AA", "6"));
  CHECK(attempt.outcome == Outcome::Ambiguous);
  CHECK(attempt.reason.kind == ErrorKind::Invalid);
  CHECK(bench.is_closed());
}

TEST_CASE("mllp sink: the control id isn't checked where that is switched off") {
  SinkBench bench(", \"check_control_id\": false");
  CHECK(bench.answered(message("7"), ack("AA", "6")).outcome == Outcome::Delivered);
  CHECK(bench.answered(message("8"), ack("AE", "")).outcome == Outcome::Rejected);
}

TEST_CASE("mllp sink: answers that can't be understood are ambiguous and end the connection") {
  const std::string answer = GENERATE(framed("no HL7"), framed("MSH|^~\\&|A\rMSA|XX|7\r"),
                                      std::string("OK\r\n"), framed(""), framed(message("7")));
  SinkBench bench;
  const auto attempt = bench.answered(message("7"), answer);
  CHECK(attempt.outcome == Outcome::Ambiguous);
  CHECK(bench.is_closed());
}

TEST_CASE("mllp sink: an application's acknowledgement after the commit is understood") {
  SinkBench bench;
  const auto late = [&] {
    return bench.engine.metrics
        .counter("causeway_sink_late_acknowledgements_total",
                 "channel=\"lab/in\",destination=\"emr\",code=\"AA\"")
        .value();
  };
  // Together with the commit, later by itself, and before the reply to the next message.
  CHECK(bench.answered(message("7", "AL|AL"), ack("CA", "7") + ack("AA", "7")).outcome ==
        Outcome::Delivered);
  CHECK(bench.answered(message("8", "AL|AL"), ack("CA", "8")).outcome == Outcome::Delivered);
  CHECK(bench.answered(message("9", "AL|AL"), ack("AA", "8") + ack("CA", "9")).outcome ==
        Outcome::Delivered);
  REQUIRE(bench.peer->send(ack("AA", "9")));
  CHECK_FALSE(bench.is_closed());
  CHECK(late() == 3);
  REQUIRE(bench.peer->send(ack("AA", "9")));  // nobody asked for a second
  CHECK(bench.is_closed());
}

TEST_CASE("mllp sink: the application decides where that is asked for") {
  SinkBench bench(", \"accepted_by\": \"application\", \"reply_timeout_ms\": 300");
  CHECK(bench.answered(message("1", "AL|AL"), ack("CA", "1") + ack("AE", "1")).outcome ==
        Outcome::Rejected);
  CHECK(bench.answered(message("2", "AL|NE"), ack("CA", "2")).outcome == Outcome::Delivered);
  CHECK(bench.answered(message("3", "AL|AL"), ack("CR", "3")).outcome == Outcome::Deferred);
  const auto silent = bench.answered(message("4", "AL|AL"), ack("CA", "4"));
  CHECK(silent.outcome == Outcome::Ambiguous);
  CHECK(silent.reason.kind == ErrorKind::TimedOut);
  CHECK(framed(silent.response) == ack("CA", "4"));
}

TEST_CASE("mllp sink: blank lines around a reply are harmless") {
  SinkBench bench;
  CHECK(bench.answered(message("7"), "\r\n" + ack("AA", "7") + "\r\n").outcome ==
        Outcome::Delivered);
  CHECK(bench.answered(message("8"), ack("AA", "8")).outcome == Outcome::Delivered);
  CHECK_FALSE(bench.is_closed());
}

TEST_CASE("mllp sink: a receiver that sends no acknowledgements") {
  SinkBench bench(", \"ack\": \"none\"");
  std::vector<std::future<Attempt>> attempts;
  for (int i = 0; i < 3000; ++i) attempts.push_back(bench.deliver(message(std::to_string(i))));
  bench.peer = bench.server.accept();
  REQUIRE(bench.peer);
  std::string expected, got;
  for (int i = 0; i < 3000; ++i) expected += framed(message(std::to_string(i)));
  while (got.size() < expected.size()) {
    auto more = bench.peer->receive();
    REQUIRE_FALSE(more.empty());
    got += more;
  }
  CHECK(got == expected);
  for (auto& attempt : attempts) {
    REQUIRE(attempt.wait_for(10s) == std::future_status::ready);
    CHECK(attempt.get().outcome == Outcome::Delivered);
  }
}

TEST_CASE("mllp sink: what would end its own frame, or is too long, is rejected unsent") {
  SinkBench bench(", \"frame_bytes_max\": 2000");
  auto broken = bench.deliver("MSH|^~\\&|\x1c\rPID|");
  REQUIRE(broken.wait_for(10s) == std::future_status::ready);
  CHECK(broken.get().outcome == Outcome::Rejected);
  auto too_long = bench.deliver(message("1") + std::string(2000, 'x'));
  REQUIRE(too_long.wait_for(10s) == std::future_status::ready);
  const auto attempt = too_long.get();
  CHECK(attempt.outcome == Outcome::Rejected);
  CHECK(attempt.reason.kind == ErrorKind::Limit);
  CHECK_FALSE(bench.server.accept(50ms));
}

TEST_CASE("mllp sink: an idle connection is closed in time") {
  SinkBench bench(", \"idle_timeout_ms\": 100");
  CHECK(bench.answered(message("7"), ack("AA", "7")).outcome == Outcome::Delivered);
  while (bench.peer->receive(1000ms).empty() && !bench.peer->ended()) {
  }
  CHECK(bench.peer->ended());
}

}  // namespace
}  // namespace causeway::connectors::mllp
