// A source that is replaced while its senders are connected: whose the socket is, and what becomes
// of a message that has begun.
#include <catch2/catch.hpp>

#include "connectors/mllp/kind.h"
#include "connectors/support/event_loop.h"
#include "tests/support/recording_intake.h"
#include "tests/support/tcp_peer.h"

namespace causeway::connectors::mllp {
namespace {

using namespace std::chrono_literals;
using testing::RecordingIntake;
using testing::TcpPeer;

std::string framed(const std::string& control_id) {
  return "\x0bMSH|^~\\&|A|B|C|D|20260301||ADT^A01|" + control_id + "|P|2.5\rPID|1\r\x1c\r";
}

struct HandOver {
  HandOver() { loop.start(); }
  ~HandOver() {
    for (auto& source : sources) source->stop(0ms);
  }
  Source& make(const std::string& json) {
    config::Problems problems;
    auto value = config::parse_json(json, problems);
    auto parsed = config::read(*kind().source_fields, *value, problems);
    REQUIRE(problems.empty());
    auto made = kind().make_source(parsed, {"lab/in", "source"}, environment);
    REQUIRE(made.ok());
    sources.push_back(std::move(*made));
    intake.answers_for(*sources.back());
    return *sources.back();
  }
  static std::uint16_t port(const Source& source) {
    const auto address = source.address();
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  static bool answered(TcpPeer& peer) {
    std::string got;
    while (got.find("\x1c\r") == std::string::npos) {
      auto more = peer.receive();
      if (more.empty()) return false;
      got += more;
    }
    return true;
  }

  EventLoop loop;
  MachineClock clock;
  NoLog log;
  Metrics metrics;
  Environment environment{loop, clock, log, metrics, nullptr};
  RecordingIntake intake;
  std::vector<std::unique_ptr<Source>> sources;
};

TEST_CASE_METHOD(HandOver, "mllp source: the socket goes to its successor, the connections stay") {
  auto& first = make(R"({"port": 0})");
  REQUIRE(first.start(intake).ok());
  const auto address = port(first);
  auto early = TcpPeer::connect(address);
  early->send(framed("1"));
  REQUIRE(answered(*early));

  auto& second = make(R"({"port": 0, "connections_max": 5})");
  REQUIRE(second.take_over(first));
  auto between = TcpPeer::connect(address);  // waits in the kernel
  between->send(framed("2"));
  REQUIRE(second.start(intake).ok());
  CHECK(port(second) == address);
  CHECK(answered(*between));
  early->send(framed("3"));
  CHECK(answered(*early));
  CHECK_FALSE(second.take_over(first));

  SECTION("it can be given back") {
    REQUIRE(first.take_over(second));
    auto late = TcpPeer::connect(address);
    late->send(framed("4"));
    CHECK(answered(*late));
    CHECK(first.probe().good);
    CHECK_FALSE(second.probe().good);
  }
  SECTION("the earlier one ends, and nothing of the later") {
    first.stop(5s);
    CHECK(early->receive().empty());
    between->send(framed("4"));
    CHECK(answered(*between));
  }
}

TEST_CASE_METHOD(HandOver, "mllp source: another address is not taken over") {
  auto& first = make(R"({"port": 0})");
  REQUIRE(first.start(intake).ok());
  CHECK_FALSE(make(R"({"port": 0, "host": "127.0.0.2"})").take_over(first));
  CHECK_FALSE(make(R"({"port": 6661})").take_over(first));
  CHECK(first.probe().good);
}

TEST_CASE_METHOD(HandOver, "mllp source: a message that has begun is taken in before it stops") {
  auto& source = make(R"({"port": 0})");
  REQUIRE(source.start(intake).ok());
  auto peer = TcpPeer::connect(port(source));
  const auto message = framed("1");
  peer->send(framed("0") + message.substr(0, 20));
  REQUIRE(answered(*peer));
  std::thread stopping([&] { source.stop(30s); });
  while (source.probe().good) std::this_thread::yield();
  peer->send(message.substr(20));
  CHECK(answered(*peer));
  stopping.join();
}

}  // namespace
}  // namespace causeway::connectors::mllp
