// Raw TCP through the contract of connectors: frames by delimiters and by length, plain and TLS.
#include <catch2/catch.hpp>
#include <future>

#include "connectors/registry.h"
#include "tests/contract/network_harness.h"

namespace causeway::contract {
namespace {

enum class Frames : std::uint8_t { Delimited, Counted };

std::string framed(Frames frames, const std::string& content) {
  if (frames == Frames::Delimited) return "\x02" + content + "\x03\r";
  const auto size = content.size();
  std::string head;
  for (int shift : {24, 16, 8, 0}) head += static_cast<char>(size >> shift & 0xFF);
  return head + content;
}

std::optional<std::string> take_delimited(std::string& received) {
  const auto end = received.find("\x03\r");
  if (end == std::string::npos || received[0] != '\x02') return std::nullopt;
  auto content = received.substr(1, end - 1);
  received.erase(0, end + 2);
  return content;
}

std::optional<std::string> take_counted(std::string& received) {
  if (received.size() < 4) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(received[i]);
  if (received.size() < 4 + size) return std::nullopt;
  auto content = received.substr(4, size);
  received.erase(0, 4 + size);
  return content;
}

TakeWhole take_frame(Frames frames) {
  return frames == Frames::Delimited ? take_delimited : take_counted;
}

std::string framing(Frames frames) {
  return frames == Frames::Delimited
             ? R"("framing": {"by": "delimiter", "start": "\\x02", "end": "\\x03\\r"})"
             : R"("framing": {"by": "length"})";
}

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

class TcpSourceHarness final : public NetworkSourceHarness, public TcpProtocol {
 public:
  TcpSourceHarness(Frames frames, Security security)
      : NetworkSourceHarness("tcp", security), TcpProtocol(frames), frames_(frames) {}

  Answer read_reply(const std::string&, const std::string& reply) override {
    if (reply == "ACK") return Answer::Accepted;
    return reply == "NAK" ? Answer::Refused : Answer::Other;
  }
  std::string garbage() override { return std::string(20'000, '\x7f'); }

 private:
  std::string fields() override {
    return framing(frames_) + R"(, "accepted": "ACK", "refused": "NAK")";
  }
  std::unique_ptr<Sender> sender(std::unique_ptr<testing::TcpPeer> peer) override {
    return std::make_unique<WireSender>(std::move(peer), take_frame(frames_));
  }

  const Frames frames_;
};

class TcpSinkHarness final : public NetworkSinkHarness, public TcpProtocol {
 public:
  TcpSinkHarness(Frames frames, Security security)
      : NetworkSinkHarness("tcp", security), TcpProtocol(frames), frames_(frames) {}

 private:
  std::string fields(const SinkShape& shape) override {
    return framing(frames_) + R"(, "reply": "expected", "replies": {"delivered": ["ACK"],
               "rejected": ["NAK"], "deferred": ["WAIT"]}, )" +
           NetworkSinkHarness::fields(shape);
  }
  std::unique_ptr<ReceiverConnection> receiver(std::unique_ptr<testing::TcpPeer> peer) override {
    return std::make_unique<WireReceiver>(
        std::move(peer), take_frame(frames_),
        [frames = frames_](const std::string&, SinkAnswer answer) {
          return framed(frames, answer == SinkAnswer::Accept   ? "ACK 1"
                                : answer == SinkAnswer::Reject ? "NAK 1"
                                                               : "WAIT 1");
        });
  }

  const Frames frames_;
};

TEST_CASE("tcp source, delimited frames") {
  TcpSourceHarness harness(Frames::Delimited, Security::Plain);
  check_source(harness);
}
TEST_CASE("tcp source, counted frames with mutual TLS") {
  TcpSourceHarness harness(Frames::Counted, Security::MutualTls);
  check_source(harness);
}
TEST_CASE("tcp sink, delimited frames") {
  TcpSinkHarness harness(Frames::Delimited, Security::Plain);
  check_sink(harness);
}
TEST_CASE("tcp sink, counted frames with mutual TLS") {
  TcpSinkHarness harness(Frames::Counted, Security::MutualTls);
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
