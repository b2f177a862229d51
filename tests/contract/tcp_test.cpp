// Raw TCP through the contract of connectors: frames by delimiters and by length, plain and TLS.
#include <catch2/catch.hpp>
#include <future>

#include "connectors/registry.h"
#include "tests/contract/connector_contract.h"
#include "tests/support/test_certificates.h"

namespace causeway::contract {
namespace {

enum class Frames : std::uint8_t { Delimited, Counted };
enum class Security : std::uint8_t { Plain, MutualTls };

const testing::TestCertificates& certificates() {
  static const testing::TestCertificates made;
  return made;
}

std::string framed(Frames frames, const std::string& content) {
  if (frames == Frames::Delimited) return "\x02" + content + "\x03\r";
  const auto size = content.size();
  std::string head;
  for (int shift : {24, 16, 8, 0}) head += static_cast<char>(size >> shift & 0xFF);
  return head + content;
}

/// Takes the next frame out of `received`, asking `peer` for more; written apart from the product's
/// own framing.
std::optional<std::string> next_frame(Frames frames, std::string& received, testing::TcpPeer& peer,
                                      Milliseconds wait) {
  for (;;) {
    if (frames == Frames::Delimited) {
      const auto end = received.find("\x03\r");
      if (end != std::string::npos && received[0] == '\x02') {
        auto content = received.substr(1, end - 1);
        received.erase(0, end + 2);
        return content;
      }
    } else if (received.size() >= 4) {
      std::size_t size = 0;
      for (int i = 0; i < 4; ++i)
        size = size << 8 | static_cast<unsigned char>(received[static_cast<std::size_t>(i)]);
      if (received.size() >= 4 + size) {
        auto content = received.substr(4, size);
        received.erase(0, 4 + size);
        return content;
      }
    }
    const auto more = peer.receive(wait);
    if (more.empty()) return std::nullopt;
    received += more;
  }
}

struct Shape {
  Frames frames;
  Security security;

  std::string config() const {
    return frames == Frames::Delimited
               ? R"("framing": {"by": "delimiter", "start": "\\x02", "end": "\\x03\\r"})"
               : R"("framing": {"by": "length"})";
  }
};

class TcpProtocol : public virtual Protocol {
 public:
  explicit TcpProtocol(Frames frames) : frames_(frames) {}
  std::string message(int number, std::size_t bytes) override {
    auto text = "message " + std::to_string(number) +
                " D\xc3\xb6"
                "e ";
    if (text.size() < bytes) text += std::string(bytes - text.size(), 'x');
    return text;
  }
  std::string wire(const std::string& message) override { return framed(frames_, message); }

 private:
  const Frames frames_;
};

class TcpSender final : public Sender {
 public:
  TcpSender(Frames frames, std::unique_ptr<testing::TcpPeer> peer)
      : frames_(frames), peer_(std::move(peer)) {}
  testing::TcpPeer& peer() override { return *peer_; }
  std::optional<std::string> reply(Milliseconds wait) override {
    return next_frame(frames_, received_, *peer_, wait);
  }

 private:
  const Frames frames_;
  std::unique_ptr<testing::TcpPeer> peer_;
  std::string received_;
};

class TcpReceiverConnection final : public ReceiverConnection {
 public:
  TcpReceiverConnection(Frames frames, std::unique_ptr<testing::TcpPeer> peer)
      : frames_(frames), peer_(std::move(peer)) {}
  testing::TcpPeer& peer() override { return *peer_; }
  std::optional<std::string> message(Milliseconds wait) override {
    return next_frame(frames_, received_, *peer_, wait);
  }
  std::string answer(const std::string&, SinkAnswer answer) override {
    return framed(frames_, answer == SinkAnswer::Accept   ? "ACK 1"
                           : answer == SinkAnswer::Reject ? "NAK 1"
                                                          : "WAIT 1");
  }

 private:
  const Frames frames_;
  std::unique_ptr<testing::TcpPeer> peer_;
  std::string received_;
};

class TcpReceiver final : public Receiver {
 public:
  TcpReceiver(Frames frames, testing::PeerTls tls) : frames_(frames), server_(std::move(tls)) {}
  std::uint16_t port() const override { return server_.port(); }
  std::unique_ptr<ReceiverConnection> accept(Milliseconds wait) override {
    auto peer = server_.accept(wait);
    return peer ? std::make_unique<TcpReceiverConnection>(frames_, std::move(peer)) : nullptr;
  }

 private:
  const Frames frames_;
  testing::TcpServer server_;
};

std::string json_text(const std::string& text) {
  return "\"" + text + "\"";
}

config::Parsed read_config(const config::Fields& fields, const std::string& json) {
  config::Problems problems;
  const auto value = config::parse_json(json, problems);
  REQUIRE(value);
  auto parsed = config::read(fields, *value, problems);
  for (const auto& problem : problems.list) FAIL(problem.str());
  return parsed;
}

class TcpSourceHarness final : public SourceHarness, public TcpProtocol {
 public:
  explicit TcpSourceHarness(Shape is) : TcpProtocol(is.frames), is_(is) {}

  std::unique_ptr<Source> make(const SourceShape& shape, Engine& engine) override {
    auto json = "{" + is_.config() + R"(, "accepted": "ACK", "refused": "NAK", "port": )" +
                std::to_string(shape.port) +
                ", \"connections_max\": " + std::to_string(shape.connections_max) +
                ", \"frame_bytes_max\": " + std::to_string(shape.message_bytes_max) +
                ", \"idle_timeout_ms\": " + std::to_string(shape.idle_timeout.count());
    if (is_.security == Security::MutualTls)
      json += ", \"tls\": {\"certificate_file\": " + json_text(certificates().server.certificate) +
              ", \"key_file\": " + json_text(certificates().server.key) +
              ", \"verify_peer\": true, \"ca_file\": " + json_text(certificates().ca_file) + "}";
    const auto* kind = connectors::find_kind("tcp");
    auto made = kind->make_source(read_config(*kind->source_fields, json + "}"),
                                  {"lab/in", "source"}, engine.environment);
    REQUIRE(made.ok());
    return std::move(*made);
  }

  std::unique_ptr<Sender> connect(std::uint16_t port) override {
    testing::PeerTls tls{certificates().client.certificate, certificates().client.key,
                         certificates().ca_file};
    return std::make_unique<TcpSender>(
        is_.frames,
        testing::TcpPeer::connect(port, is_.security == Security::Plain ? nullptr : &tls));
  }

  Answer read_reply(const std::string&, const std::string& reply) override {
    if (reply == "ACK") return Answer::Accepted;
    return reply == "NAK" ? Answer::Refused : Answer::Other;
  }

  std::string garbage() override { return std::string(20'000, '\x7f'); }

 private:
  const Shape is_;
};

class TcpSinkHarness final : public SinkHarness, public TcpProtocol {
 public:
  explicit TcpSinkHarness(Shape is) : TcpProtocol(is.frames), is_(is) {}

  std::unique_ptr<Sink> make(const SinkShape& shape, Engine& engine) override {
    auto json = "{" + is_.config() + R"(, "reply": "expected", "replies": {"delivered": ["ACK"],
                "rejected": ["NAK"], "deferred": ["WAIT"]}, "host": )" +
                json_text(shape.host) + ", \"port\": " + std::to_string(shape.port) +
                ", \"connections\": " + std::to_string(shape.connections) +
                ", \"reply_timeout_ms\": " + std::to_string(shape.reply_timeout.count());
    if (is_.security == Security::MutualTls)
      json += ", \"tls\": {\"ca_file\": " + json_text(certificates().ca_file) +
              ", \"certificate_file\": " + json_text(certificates().client.certificate) +
              ", \"key_file\": " + json_text(certificates().client.key) + "}";
    const auto* kind = connectors::find_kind("tcp");
    auto made = kind->make_sink(read_config(*kind->sink_fields, json + "}"), {"lab/in", "emr"},
                                engine.environment);
    REQUIRE(made.ok());
    return std::move(*made);
  }

  std::unique_ptr<Receiver> listen() override {
    testing::PeerTls tls;
    if (is_.security == Security::MutualTls)
      tls = {certificates().server.certificate, certificates().server.key, certificates().ca_file,
             true};
    return std::make_unique<TcpReceiver>(is_.frames, tls);
  }

 private:
  const Shape is_;
};

TEST_CASE("tcp source, delimited frames") {
  TcpSourceHarness harness({Frames::Delimited, Security::Plain});
  check_source(harness);
}
TEST_CASE("tcp source, counted frames with mutual TLS") {
  TcpSourceHarness harness({Frames::Counted, Security::MutualTls});
  check_source(harness);
}
TEST_CASE("tcp sink, delimited frames") {
  TcpSinkHarness harness({Frames::Delimited, Security::Plain});
  check_sink(harness);
}
TEST_CASE("tcp sink, counted frames with mutual TLS") {
  TcpSinkHarness harness({Frames::Counted, Security::MutualTls});
  check_sink(harness);
}

/// By silence nothing parts two messages but time.
TEST_CASE("tcp, frames by silence and the end of the connection") {
  Engine engine;
  const auto* kind = connectors::find_kind("tcp");
  const std::string framing = R"("framing": {"by": "silence", "silence_ms": 50})";
  auto source = *kind->make_source(
      read_config(*kind->source_fields, "{\"port\": 0, \"accepted\": \"ok\", " + framing + "}"),
      {"lab/in", "source"}, engine.environment);
  testing::RecordingIntake intake;
  intake.answers_for(*source);
  REQUIRE(source->start(intake).ok());
  const auto address = source->address();
  const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  auto peer = testing::TcpPeer::connect(port);
  peer->send("first");
  CHECK(peer->receive() == "ok");
  peer->send("second");
  peer->finish_sending();
  CHECK(peer->receive() == "ok");
  REQUIRE(intake.count() == 2);
  CHECK(intake.message(0).body.view() == "first");
  CHECK(intake.message(1).body.view() == "second");

  auto sink = *kind->make_sink(read_config(*kind->sink_fields,
                                           "{\"host\": \"127.0.0.1\", \"reply\": \"expected\", "
                                           "\"port\": " +
                                               std::to_string(port) + ", " + framing + "}"),
                               {"lab/in", "emr"}, engine.environment);
  REQUIRE(sink->start().ok());
  std::promise<Attempt> promise;
  StoredDelivery delivery;
  delivery.body = Body(make_bytes("third"));
  sink->deliver(delivery, [&](Attempt attempt) { promise.set_value(std::move(attempt)); });
  auto attempt = promise.get_future();
  REQUIRE(attempt.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  CHECK(attempt.get().response == "ok");
  CHECK(intake.message(2).body.view() == "third");
  sink->stop(Milliseconds(0));
  source->stop(Milliseconds(0));
}

}  // namespace
}  // namespace causeway::contract
