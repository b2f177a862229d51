#include "tests/contract/network_harness.h"

#include <catch2/catch.hpp>

#include "connectors/registry.h"
#include "tests/support/test_certificates.h"

namespace causeway::contract {
namespace {

const testing::TestCertificates& certificates() {
  static const testing::TestCertificates made;
  return made;
}

std::string field(std::string_view name, const std::string& text) {
  return ", \"" + std::string(name) + "\": \"" + text + "\"";
}

std::string field(std::string_view name, std::int64_t number) {
  return ", \"" + std::string(name) + "\": " + std::to_string(number);
}

/// An object of such fields.
std::string object(const std::string& fields) {
  return "{" + fields.substr(std::min<std::size_t>(2, fields.size())) + "}";
}

std::string key_pair(const testing::CertificateFiles& files) {
  return field("certificate_file", files.certificate) + field("key_file", files.key);
}

std::string source_tls(Security security) {
  if (security == Security::Plain) return {};
  auto tls = key_pair(certificates().server);
  if (security == Security::MutualTls)
    tls += ", \"verify_peer\": true" + field("ca_file", certificates().ca_file);
  return ", \"tls\": " + object(tls);
}

std::string sink_tls(Security security) {
  if (security == Security::Plain) return {};
  auto tls = field("ca_file", certificates().ca_file);
  if (security == Security::MutualTls) tls += key_pair(certificates().client);
  return ", \"tls\": " + object(tls);
}

class NetworkReceiver final : public Receiver {
 public:
  using Make =
      std::function<std::unique_ptr<ReceiverConnection>(std::unique_ptr<testing::TcpPeer>)>;
  NetworkReceiver(testing::PeerTls tls, Make make)
      : server_(std::move(tls)), make_(std::move(make)) {}
  std::uint16_t port() const override { return server_.port(); }
  std::unique_ptr<ReceiverConnection> accept(Milliseconds wait) override {
    auto peer = server_.accept(wait);
    return peer ? make_(std::move(peer)) : nullptr;
  }

 private:
  testing::TcpServer server_;
  const Make make_;
};

}  // namespace

config::Parsed read_config(const config::Fields& fields, const std::string& json) {
  config::Problems problems;
  const auto value = config::parse_json(json, problems);
  REQUIRE(value);
  auto parsed = config::read(fields, *value, problems);
  for (const auto& problem : problems.list) FAIL(problem.str());
  return parsed;
}

std::optional<std::string> Wire::next(Milliseconds wait) {
  for (;;) {
    if (auto whole = take_(received_)) return whole;
    const auto more = peer_->receive(wait);
    if (more.empty()) return std::nullopt;
    received_ += more;
  }
}

std::unique_ptr<Source> NetworkSourceHarness::make(const SourceShape& shape, Engine& engine) {
  auto all = field("port", shape.port) +
             field("connections_max", static_cast<std::int64_t>(shape.connections_max)) +
             field(size_field(), static_cast<std::int64_t>(shape.message_bytes_max)) +
             field("idle_timeout_ms", shape.idle_timeout.count()) + source_tls(security_);
  if (const auto more = fields(); !more.empty()) all += ", " + more;
  const auto* kind = connectors::find_kind(kind_);
  auto made = kind->make_source(read_config(*kind->source_fields, object(all)),
                                {"lab/in", "source"}, engine.environment);
  REQUIRE(made.ok());
  return std::move(*made);
}

std::unique_ptr<Sender> NetworkSourceHarness::connect(std::uint16_t port) {
  testing::PeerTls tls;
  tls.ca_file = certificates().ca_file;
  if (security_ == Security::MutualTls) {
    tls.certificate_file = certificates().client.certificate;
    tls.key_file = certificates().client.key;
  }
  return sender(testing::TcpPeer::connect(port, security_ == Security::Plain ? nullptr : &tls));
}

std::unique_ptr<Sink> NetworkSinkHarness::make(const SinkShape& shape, Engine& engine) {
  const auto all = field("connections", static_cast<std::int64_t>(shape.connections)) +
                   field("reply_timeout_ms", shape.reply_timeout.count()) + sink_tls(security_) +
                   ", " + fields(shape);
  const auto* kind = connectors::find_kind(kind_);
  auto made = kind->make_sink(read_config(*kind->sink_fields, object(all)), {"lab/in", "emr"},
                              engine.environment);
  REQUIRE(made.ok());
  return std::move(*made);
}

std::string NetworkSinkHarness::fields(const SinkShape& shape) {
  return (field("host", shape.host) + field("port", shape.port)).substr(2);
}

std::unique_ptr<Receiver> NetworkSinkHarness::listen() {
  testing::PeerTls tls;
  if (security_ != Security::Plain)
    tls = {certificates().server.certificate, certificates().server.key, certificates().ca_file,
           security_ == Security::MutualTls};
  return std::make_unique<NetworkReceiver>(std::move(tls),
                                           [this](auto peer) { return receiver(std::move(peer)); });
}

}  // namespace causeway::contract
