// MLLP through the contract of connectors: plain, TLS, and mutual TLS.
#include <catch2/catch.hpp>

#include "connectors/registry.h"
#include "tests/contract/connector_contract.h"
#include "tests/support/test_certificates.h"

namespace causeway::contract {
namespace {

enum class Security : std::uint8_t { Plain, Tls, MutualTls };

const testing::TestCertificates& certificates() {
  static const testing::TestCertificates made;
  return made;
}

std::string field(std::string_view segment, std::size_t number) {
  for (; number > 0; --number)
    segment.remove_prefix(std::min(segment.size(), segment.find('|') + 1));
  return std::string(segment.substr(0, segment.find_first_of("|\r")));
}

/// Takes the next frame out of `received`, asking `peer` for more; written apart from the product's
/// own framing.
std::optional<std::string> next_frame(std::string& received, testing::TcpPeer& peer,
                                      Milliseconds wait) {
  for (;;) {
    const auto start = received.find('\x0b');
    const auto end = received.find("\x1c\r");
    if (start != std::string::npos && end != std::string::npos) {
      auto frame = received.substr(start + 1, end - start - 1);
      received.erase(0, end + 2);
      return frame;
    }
    const auto more = peer.receive(wait);
    if (more.empty()) return std::nullopt;
    received += more;
  }
}

class MllpProtocol : public virtual Protocol {
 public:
  std::string message(int number, std::size_t bytes) override {
    auto text = "MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260301120000||ADT^A01|M" + std::to_string(number) +
                "|P|2.5\rPID|1||" + std::to_string(number) +
                "^^^HOSP^MR||D\xc3\xb6"
                "e^Jane\r";
    if (text.size() + 5 <= bytes) text += "NTE|" + std::string(bytes - text.size() - 5, 'x') + "\r";
    return text;
  }
  std::string wire(const std::string& message) override { return "\x0b" + message + "\x1c\r"; }
};

class MllpSender final : public Sender {
 public:
  explicit MllpSender(std::unique_ptr<testing::TcpPeer> peer) : peer_(std::move(peer)) {}
  testing::TcpPeer& peer() override { return *peer_; }
  std::optional<std::string> reply(Milliseconds wait) override {
    return next_frame(received_, *peer_, wait);
  }

 private:
  std::unique_ptr<testing::TcpPeer> peer_;
  std::string received_;
};

class MllpReceiverConnection final : public ReceiverConnection {
 public:
  explicit MllpReceiverConnection(std::unique_ptr<testing::TcpPeer> peer)
      : peer_(std::move(peer)) {}
  testing::TcpPeer& peer() override { return *peer_; }
  std::optional<std::string> message(Milliseconds wait) override {
    return next_frame(received_, *peer_, wait);
  }
  std::string answer(const std::string& message, SinkAnswer answer) override {
    const char* code = answer == SinkAnswer::Accept   ? "AA"
                       : answer == SinkAnswer::Reject ? "AE"
                                                      : "AR";
    std::string wire = "\x0bMSH|^~\\&|EMR|HOSP|LAB|HOSP|20260301120001||ACK|R1|P|2.5\rMSA|";
    return wire.append(code).append("|").append(field(message, 9)).append("\r\x1c\r");
  }

 private:
  std::unique_ptr<testing::TcpPeer> peer_;
  std::string received_;
};

class MllpReceiver final : public Receiver {
 public:
  explicit MllpReceiver(testing::PeerTls tls) : server_(std::move(tls)) {}
  std::uint16_t port() const override { return server_.port(); }
  std::unique_ptr<ReceiverConnection> accept(Milliseconds wait) override {
    auto peer = server_.accept(wait);
    return peer ? std::make_unique<MllpReceiverConnection>(std::move(peer)) : nullptr;
  }

 private:
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

class MllpSourceHarness final : public SourceHarness, public MllpProtocol {
 public:
  explicit MllpSourceHarness(Security security) : security_(security) {}

  std::unique_ptr<Source> make(const SourceShape& shape, Engine& engine) override {
    auto json = "{\"port\": " + std::to_string(shape.port) +
                ", \"connections_max\": " + std::to_string(shape.connections_max) +
                ", \"frame_bytes_max\": " + std::to_string(shape.message_bytes_max) +
                ", \"idle_timeout_ms\": " + std::to_string(shape.idle_timeout.count());
    if (security_ != Security::Plain)
      json += ", \"tls\": {\"certificate_file\": " + json_text(certificates().server.certificate) +
              ", \"key_file\": " + json_text(certificates().server.key);
    if (security_ == Security::MutualTls)
      json += ", \"verify_peer\": true, \"ca_file\": " + json_text(certificates().ca_file);
    json += security_ == Security::Plain ? "}" : "}}";
    const auto* kind = connectors::find_kind("mllp");
    auto made = kind->make_source(read_config(*kind->source_fields, json), {"lab/in", "source"},
                                  engine.environment);
    REQUIRE(made.ok());
    return std::move(*made);
  }

  std::unique_ptr<Sender> connect(std::uint16_t port) override {
    testing::PeerTls tls;
    tls.ca_file = certificates().ca_file;
    if (security_ == Security::MutualTls) {
      tls.certificate_file = certificates().client.certificate;
      tls.key_file = certificates().client.key;
    }
    return std::make_unique<MllpSender>(
        testing::TcpPeer::connect(port, security_ == Security::Plain ? nullptr : &tls));
  }

  Answer read_reply(const std::string& message, const std::string& reply) override {
    const auto msa = reply.find("\rMSA|");
    if (msa == std::string::npos) return Answer::Other;
    const auto segment = std::string_view(reply).substr(msa + 1);
    if (field(segment, 2) != field(message, 9)) return Answer::Other;
    return field(segment, 1) == "AA" ? Answer::Accepted : Answer::Refused;
  }

  std::string garbage() override { return std::string(20'000, 'g'); }

 private:
  const Security security_;
};

class MllpSinkHarness final : public SinkHarness, public MllpProtocol {
 public:
  explicit MllpSinkHarness(Security security) : security_(security) {}

  std::unique_ptr<Sink> make(const SinkShape& shape, Engine& engine) override {
    auto json = "{\"host\": " + json_text(shape.host) +
                ", \"port\": " + std::to_string(shape.port) +
                ", \"connections\": " + std::to_string(shape.connections) +
                ", \"reply_timeout_ms\": " + std::to_string(shape.reply_timeout.count());
    if (security_ != Security::Plain)
      json += ", \"tls\": {\"ca_file\": " + json_text(certificates().ca_file);
    if (security_ == Security::MutualTls)
      json += ", \"certificate_file\": " + json_text(certificates().client.certificate) +
              ", \"key_file\": " + json_text(certificates().client.key);
    json += security_ == Security::Plain ? "}" : "}}";
    const auto* kind = connectors::find_kind("mllp");
    auto made = kind->make_sink(read_config(*kind->sink_fields, json), {"lab/in", "emr"},
                                engine.environment);
    REQUIRE(made.ok());
    return std::move(*made);
  }

  std::unique_ptr<Receiver> listen() override {
    testing::PeerTls tls;
    if (security_ != Security::Plain) {
      tls = {certificates().server.certificate, certificates().server.key, certificates().ca_file,
             security_ == Security::MutualTls};
    }
    return std::make_unique<MllpReceiver>(tls);
  }

 private:
  const Security security_;
};

TEST_CASE("mllp source without TLS") {
  MllpSourceHarness harness(Security::Plain);
  check_source(harness);
}
TEST_CASE("mllp source with TLS") {
  MllpSourceHarness harness(Security::Tls);
  check_source(harness);
}
TEST_CASE("mllp source with mutual TLS") {
  MllpSourceHarness harness(Security::MutualTls);
  check_source(harness);
}
TEST_CASE("mllp sink without TLS") {
  MllpSinkHarness harness(Security::Plain);
  check_sink(harness);
}
TEST_CASE("mllp sink with TLS") {
  MllpSinkHarness harness(Security::Tls);
  check_sink(harness);
}
TEST_CASE("mllp sink with mutual TLS") {
  MllpSinkHarness harness(Security::MutualTls);
  check_sink(harness);
}

}  // namespace
}  // namespace causeway::contract
