// What the harnesses of protocols over TCP share: configs with and without TLS, the tester's ends
// of connections. A protocol adds its messages, its framing and its answers.
#pragma once

#include "tests/contract/connector_contract.h"

namespace causeway::contract {

enum class Security : std::uint8_t { Plain, Tls, MutualTls };

config::Parsed read_config(const config::Fields& fields, const std::string& json);

/// Takes the next frame, request, PDU out of the front of `received`; nullopt: more has to come.
/// Written apart from the product's own framing.
using TakeWhole = std::function<std::optional<std::string>(std::string& received)>;

/// The tester's end of a connection.
class Wire {
 public:
  Wire(std::unique_ptr<testing::TcpPeer> peer, TakeWhole take)
      : peer_(std::move(peer)), take_(std::move(take)) {}
  testing::TcpPeer& peer() { return *peer_; }
  /// nullopt: closed, or nothing whole in time.
  std::optional<std::string> next(Milliseconds wait = testing::TcpPeer::patience);

 private:
  std::unique_ptr<testing::TcpPeer> peer_;
  const TakeWhole take_;
  std::string received_;
};

/// A sender that gets its replies frame by frame.
class WireSender final : public Sender {
 public:
  WireSender(std::unique_ptr<testing::TcpPeer> peer, TakeWhole take)
      : wire_(std::move(peer), std::move(take)) {}
  testing::TcpPeer& peer() override { return wire_.peer(); }
  std::optional<std::string> reply(Milliseconds wait) override { return wire_.next(wait); }

 private:
  Wire wire_;
};

/// A receiver that gets its messages frame by frame, and answers by `answers`.
class WireReceiver final : public ReceiverConnection {
 public:
  using Answers = std::function<std::string(const std::string& message, SinkAnswer answer)>;
  WireReceiver(std::unique_ptr<testing::TcpPeer> peer, TakeWhole take, Answers answers)
      : wire_(std::move(peer), std::move(take)), answers_(std::move(answers)) {}
  testing::TcpPeer& peer() override { return wire_.peer(); }
  std::optional<std::string> message(Milliseconds wait) override { return wire_.next(wait); }
  std::string answer(const std::string& message, SinkAnswer answer) override {
    return answers_(message, answer);
  }

 private:
  Wire wire_;
  const Answers answers_;
};

/// Makes sources of the kind from a config, and connects to them.
class NetworkSourceHarness : public SourceHarness {
 public:
  NetworkSourceHarness(std::string kind, Security security)
      : kind_(std::move(kind)), security_(security) {}
  std::unique_ptr<Source> make(const SourceShape& shape, Engine& engine) final;
  std::unique_ptr<Sender> connect(std::uint16_t port) final;

 protected:
  /// Further fields of its config: `"path": "/in"`.
  virtual std::string fields() { return {}; }
  /// The field that limits a message.
  virtual std::string size_field() { return "frame_bytes_max"; }
  virtual std::unique_ptr<Sender> sender(std::unique_ptr<testing::TcpPeer> peer) = 0;

 private:
  const std::string kind_;
  const Security security_;
};

class NetworkSinkHarness : public SinkHarness {
 public:
  NetworkSinkHarness(std::string kind, Security security)
      : kind_(std::move(kind)), security_(security) {}
  std::unique_ptr<Sink> make(const SinkShape& shape, Engine& engine) final;
  std::unique_ptr<Receiver> listen() final;

 protected:
  /// Where it sends to, and further fields of its config.
  virtual std::string fields(const SinkShape& shape);
  /// nullptr: nobody came to the point of sending.
  virtual std::unique_ptr<ReceiverConnection> receiver(std::unique_ptr<testing::TcpPeer> peer) = 0;
  Security security() const { return security_; }

 private:
  const std::string kind_;
  const Security security_;
};

}  // namespace causeway::contract
