// Who is let in, who is believed, and what is refused.
#include "connectors/support/tls.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <future>

#include "connectors/registry.h"
#include "connectors/support/event_loop.h"
#include "tests/support/recording_intake.h"
#include "tests/support/tcp_peer.h"
#include "tests/support/test_certificates.h"

namespace causeway::connectors {
namespace {

using namespace std::chrono_literals;
using testing::PeerTls;
using testing::RecordingIntake;
using testing::TcpPeer;
using testing::TcpServer;
using testing::TestCertificates;

const std::string text = "MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260301120000||ADT^A01|7|P|2.5\rPID|1\r";

struct Bench {
  Bench() { loop.start(); }
  ~Bench() {
    if (source) source->stop(0ms);
    if (sink) sink->stop(0ms);
    intake.reset();
  }
  config::Parsed read(const config::Fields& fields, const std::string& json) {
    config::Problems problems;
    const auto value = config::parse_json(json, problems);
    REQUIRE(value);
    auto parsed = config::read(fields, *value, problems);
    REQUIRE(problems.empty());
    return parsed;
  }
  std::uint16_t start_source(bool demand_certificate) {
    const auto& kind = *find_kind("mllp");
    auto made = kind.make_source(
        read(*kind.source_fields,
             "{\"port\": 0, \"tls\": {\"certificate_file\": \"" + files.server.certificate +
                 "\", \"key_file\": \"" + files.server.key + "\", \"ca_file\": \"" + files.ca_file +
                 "\", \"verify_peer\": " + (demand_certificate ? "true" : "false") + "}}"),
        {"c", "source"}, environment);
    REQUIRE(made.ok());
    source = std::move(*made);
    intake.emplace();
    intake->answers_for(*source);
    REQUIRE(source->start(*intake).ok());
    const auto address = source->address();
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  std::future<Attempt> send_to(std::uint16_t port, const std::string& host,
                               const std::string& tls) {
    const auto& kind = *find_kind("mllp");
    auto made = kind.make_sink(
        read(*kind.sink_fields, "{\"host\": \"" + host + "\", \"port\": " + std::to_string(port) +
                                    ", \"reply_timeout_ms\": 3000, \"tls\": {" + tls + "}}"),
        {"c", "emr"}, environment);
    REQUIRE(made.ok());
    sink = std::move(*made);
    REQUIRE(sink->start().ok());
    StoredDelivery delivery;
    delivery.body = Body(make_bytes(text));
    auto promise = std::make_shared<std::promise<Attempt>>();
    sink->deliver(std::move(delivery),
                  [promise](Attempt attempt) { promise->set_value(std::move(attempt)); });
    return promise->get_future();
  }
  std::string trust() const { return "\"ca_file\": \"" + files.ca_file + "\""; }

  TestCertificates files;
  EventLoop loop;
  MachineClock clock;
  NoLog log;
  Metrics metrics;
  Environment environment{loop, clock, log, metrics, nullptr};
  std::unique_ptr<Source> source;
  std::unique_ptr<Sink> sink;
  std::optional<RecordingIntake> intake;
};

Attempt outcome(std::future<Attempt> future) {
  REQUIRE(future.wait_for(20s) == std::future_status::ready);
  return future.get();
}

TEST_CASE("tls: a sender's name is that of its certificate, where one is demanded") {
  Bench bench;
  const auto port = bench.start_source(true);
  const PeerTls tls{bench.files.client.certificate, bench.files.client.key, bench.files.ca_file};
  auto peer = TcpPeer::connect(port, &tls);
  REQUIRE(peer->send("\x0b" + text + "\x1c\r"));
  REQUIRE(bench.intake->wait_for(1));
  CHECK(bench.intake->message(0).sender.name == "sender.example");
}

TEST_CASE("tls: without a demanded certificate nobody has a name") {
  Bench bench;
  const auto port = bench.start_source(false);
  const PeerTls tls{bench.files.client.certificate, bench.files.client.key, bench.files.ca_file};
  auto peer = TcpPeer::connect(port, &tls);
  REQUIRE(peer->send("\x0b" + text + "\x1c\r"));
  REQUIRE(bench.intake->wait_for(1));
  CHECK(bench.intake->message(0).sender.name.empty());
}

TEST_CASE("tls: a sender without a trusted certificate isn't heard") {
  Bench bench;
  const auto port = bench.start_source(true);
  const bool has_one = GENERATE(false, true);
  PeerTls tls;
  tls.ca_file = bench.files.ca_file;
  if (has_one) {
    tls.certificate_file = bench.files.stranger.certificate;
    tls.key_file = bench.files.stranger.key;
  }
  try {
    auto peer = TcpPeer::connect(port, &tls);  // in TLS 1.3 the client learns of it later
    peer->send("\x0b" + text + "\x1c\r");
    peer->receive();
    CHECK(peer->ended());
  } catch (const std::runtime_error&) {
  }
  CHECK(bench.intake->count() == 0);
}

TEST_CASE("tls: a plain sender on a TLS port isn't heard") {
  Bench bench;
  const auto port = bench.start_source(false);
  auto peer = TcpPeer::connect(port);
  peer->send("\x0b" + text + "\x1c\r");
  while (!peer->ended()) peer->receive(100ms);
  CHECK(bench.intake->count() == 0);
}

TEST_CASE("tls: a receiver with an untrusted certificate gets nothing") {
  Bench bench;
  TcpServer server({bench.files.stranger.certificate, bench.files.stranger.key, "", false});
  auto accepting = std::async(std::launch::async, [&] { return server.accept(); });
  const auto got = outcome(bench.send_to(server.port(), "localhost", bench.trust()));
  CHECK(got.outcome == Outcome::Deferred);
  CHECK(got.destination_down);
  CHECK_THAT(got.reason.text, Catch::Contains("certificate"));
  CHECK_FALSE(accepting.get());
}

TEST_CASE("tls: the certificate must name the host, or the configured name") {
  Bench bench;
  TcpServer server({bench.files.server.certificate, bench.files.server.key, "", false});
  auto accepting = std::async(std::launch::async, [&] { return server.accept(); });
  SECTION("another name") {
    const auto got = outcome(bench.send_to(server.port(), "127.0.0.1",
                                           bench.trust() + ", \"server_name\": \"emr.example\""));
    CHECK(got.outcome == Outcome::Deferred);
    CHECK(got.destination_down);
    CHECK_THAT(got.reason.text, Catch::Contains("mismatch", Catch::CaseSensitive::No));
  }
  SECTION("by address") {
    auto sent = bench.send_to(server.port(), "127.0.0.1", bench.trust());
    CHECK(accepting.get());
    CHECK(outcome(std::move(sent)).outcome == Outcome::Ambiguous);
  }
  SECTION("by configured name") {
    auto sent = bench.send_to(server.port(), "127.0.0.1",
                              bench.trust() + ", \"server_name\": \"localhost\"");
    CHECK(accepting.get());
    CHECK(outcome(std::move(sent)).outcome == Outcome::Ambiguous);
  }
}

TEST_CASE("tls: a receiver that doesn't want our certificate: deferred, the destination is down") {
  Bench bench;
  TcpServer server(
      {bench.files.server.certificate, bench.files.server.key, bench.files.ca_file, true});
  auto accepting = std::async(std::launch::async, [&] { return server.accept(); });
  const auto got = outcome(bench.send_to(server.port(), "localhost", bench.trust()));
  accepting.wait();
  // The refusal is an alert that may be overtaken by the reset of the closed connection.
  CHECK(got.outcome != Outcome::Delivered);
  if (got.outcome == Outcome::Deferred) CHECK(got.destination_down);
}

TEST_CASE("tls: bad files are errors that name the file") {
  TestCertificates files;
  TlsSettings settings;
  settings.verify_peer = false;
  settings.certificate_file = files.server.certificate;
  settings.key_file = files.server.key;
  CHECK(TlsContext::server(settings).ok());
  SECTION("no certificate") {
    settings.certificate_file = "/nonexistent/cert.pem";
    CHECK(TlsContext::server(settings).error().place == "/nonexistent/cert.pem");
  }
  SECTION("the key of another") {
    settings.key_file = files.client.key;
    CHECK(TlsContext::server(settings).error().place == files.client.key);
  }
  SECTION("a key that everybody can read") {
    ::chmod(files.server.key.c_str(), 0644);
    CHECK_THAT(TlsContext::server(settings).error().text, Catch::Contains("everybody"));
  }
  SECTION("client certificates demanded of no authority") {
    settings.verify_peer = true;
    CHECK_FALSE(TlsContext::server(settings).ok());
  }
  SECTION("an authority that can't be read") {
    settings.verify_peer = true;
    settings.ca_file = files.server.key;
    CHECK(TlsContext::server(settings).error().place == files.server.key);
  }
}

}  // namespace
}  // namespace causeway::connectors
