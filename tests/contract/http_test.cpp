// HTTP through the contract of connectors: plain, TLS, and mutual TLS.
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

/// Takes the next request or answer out of `received`, asking `peer` for more; written apart from
/// the product's own parser, and for what the tests send alone.
std::optional<std::string> next_whole(std::string& received, testing::TcpPeer& peer,
                                      Milliseconds wait) {
  for (;;) {
    const auto end = received.find("\r\n\r\n");
    if (end != std::string::npos) {
      const auto at = received.find("content-length: ");
      const std::size_t length = at < end ? std::stoul(received.substr(at + 16)) : 0;
      if (received.size() >= end + 4 + length) {
        auto whole = received.substr(0, end + 4 + length);
        received.erase(0, whole.size());
        return whole;
      }
    }
    const auto more = peer.receive(wait);
    if (more.empty()) return std::nullopt;
    received += more;
  }
}

std::string body_of(const std::string& whole) {
  return whole.substr(whole.find("\r\n\r\n") + 4);
}

class HttpProtocol : public virtual Protocol {
 public:
  std::string message(int number, std::size_t bytes) override {
    auto text = "{\"number\":" + std::to_string(number) +
                ",\"name\":\"D\xc3\xb6"
                "e\",\"note\":\"";
    if (text.size() + 2 < bytes) text += std::string(bytes - text.size() - 2, 'x');
    return text + "\"}";
  }
  std::string wire(const std::string& message) override {
    return "POST /in HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
           "content-length: " +
           std::to_string(message.size()) + "\r\n\r\n" + message;
  }
};

class HttpSender final : public Sender {
 public:
  explicit HttpSender(std::unique_ptr<testing::TcpPeer> peer) : peer_(std::move(peer)) {}
  testing::TcpPeer& peer() override { return *peer_; }
  std::optional<std::string> reply(Milliseconds wait) override {
    return next_whole(received_, *peer_, wait);
  }

 private:
  std::unique_ptr<testing::TcpPeer> peer_;
  std::string received_;
};

class HttpReceiverConnection final : public ReceiverConnection {
 public:
  explicit HttpReceiverConnection(std::unique_ptr<testing::TcpPeer> peer)
      : peer_(std::move(peer)) {}
  testing::TcpPeer& peer() override { return *peer_; }
  std::optional<std::string> message(Milliseconds wait) override {
    const auto whole = next_whole(received_, *peer_, wait);
    if (!whole) return std::nullopt;
    return body_of(*whole);
  }
  std::string answer(const std::string&, SinkAnswer answer) override {
    const char* status = answer == SinkAnswer::Accept   ? "201 Created"
                         : answer == SinkAnswer::Reject ? "422 Unprocessable Content"
                                                        : "503 Service Unavailable";
    return std::string("HTTP/1.1 ") + status + "\r\ncontent-length: 5\r\n\r\nfine\n";
  }

 private:
  std::unique_ptr<testing::TcpPeer> peer_;
  std::string received_;
};

class HttpReceiver final : public Receiver {
 public:
  explicit HttpReceiver(testing::PeerTls tls) : server_(std::move(tls)) {}
  std::uint16_t port() const override { return server_.port(); }
  std::unique_ptr<ReceiverConnection> accept(Milliseconds wait) override {
    auto peer = server_.accept(wait);
    return peer ? std::make_unique<HttpReceiverConnection>(std::move(peer)) : nullptr;
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

class HttpSourceHarness final : public SourceHarness, public HttpProtocol {
 public:
  explicit HttpSourceHarness(Security security) : security_(security) {}

  std::unique_ptr<Source> make(const SourceShape& shape, Engine& engine) override {
    auto json = "{\"path\": \"/in\", \"port\": " + std::to_string(shape.port) +
                ", \"connections_max\": " + std::to_string(shape.connections_max) +
                ", \"body_bytes_max\": " + std::to_string(shape.message_bytes_max) +
                ", \"idle_timeout_ms\": " + std::to_string(shape.idle_timeout.count());
    if (security_ != Security::Plain)
      json += ", \"tls\": {\"certificate_file\": " + json_text(certificates().server.certificate) +
              ", \"key_file\": " + json_text(certificates().server.key);
    if (security_ == Security::MutualTls)
      json += ", \"verify_peer\": true, \"ca_file\": " + json_text(certificates().ca_file);
    json += security_ == Security::Plain ? "}" : "}}";
    const auto* kind = connectors::find_kind("http");
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
    return std::make_unique<HttpSender>(
        testing::TcpPeer::connect(port, security_ == Security::Plain ? nullptr : &tls));
  }

  Answer read_reply(const std::string&, const std::string& reply) override {
    if (reply.starts_with("HTTP/1.1 20")) return Answer::Accepted;
    return reply.starts_with("HTTP/1.1 ") ? Answer::Refused : Answer::Other;
  }

  std::string garbage() override { return std::string(70'000, 'g'); }

 private:
  const Security security_;
};

class HttpSinkHarness final : public SinkHarness, public HttpProtocol {
 public:
  explicit HttpSinkHarness(Security security) : security_(security) {}

  std::unique_ptr<Sink> make(const SinkShape& shape, Engine& engine) override {
    auto json = "{\"url\": \"http" + std::string(security_ == Security::Plain ? "" : "s") + "://" +
                shape.host + ":" + std::to_string(shape.port) +
                "/in\", \"connections\": " + std::to_string(shape.connections) +
                ", \"reply_timeout_ms\": " + std::to_string(shape.reply_timeout.count());
    if (security_ != Security::Plain)
      json += ", \"tls\": {\"ca_file\": " + json_text(certificates().ca_file);
    if (security_ == Security::MutualTls)
      json += ", \"certificate_file\": " + json_text(certificates().client.certificate) +
              ", \"key_file\": " + json_text(certificates().client.key);
    json += security_ == Security::Plain ? "}" : "}}";
    const auto* kind = connectors::find_kind("http");
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
    return std::make_unique<HttpReceiver>(tls);
  }

 private:
  const Security security_;
};

TEST_CASE("http source without TLS") {
  HttpSourceHarness harness(Security::Plain);
  check_source(harness);
}
TEST_CASE("http source with TLS") {
  HttpSourceHarness harness(Security::Tls);
  check_source(harness);
}
TEST_CASE("http source with mutual TLS") {
  HttpSourceHarness harness(Security::MutualTls);
  check_source(harness);
}
TEST_CASE("http sink without TLS") {
  HttpSinkHarness harness(Security::Plain);
  check_sink(harness);
}
TEST_CASE("http sink with TLS") {
  HttpSinkHarness harness(Security::Tls);
  check_sink(harness);
}
TEST_CASE("http sink with mutual TLS") {
  HttpSinkHarness harness(Security::MutualTls);
  check_sink(harness);
}

}  // namespace
}  // namespace causeway::contract
