// What every connector must do, whatever its protocol: one suite for sources, one for sinks. A
// connector brings a small harness (its protocol's other end) and calls `check_source` and
// `check_sink` from a TEST_CASE. See mllp_test.cpp.
#pragma once

#include <atomic>

#include "connectors/support/connector.h"
#include "connectors/support/event_loop.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/memory_staging.h"
#include "tests/support/recording_intake.h"
#include "tests/support/tcp_peer.h"

namespace causeway::contract {

/// What the engine gives to a connector. One for each test.
struct Engine {
  Engine() { loop.start(); }
  connectors::EventLoop loop;
  MachineClock clock;
  NoLog log;
  Metrics metrics;
  testing::MemoryStaging staging;
  std::atomic<bool> holds_lease = true;
  connectors::Environment environment{loop,    clock,    log,
                                      metrics, &staging, [this] { return holds_lease.load(); }};
};

/// What both suites need to know of the protocol.
class Protocol {
 public:
  virtual ~Protocol() = default;
  /// A message as the engine sees it, and as it goes over the wire. `bytes`: at least so long.
  virtual std::string message(int number, std::size_t bytes = 0) = 0;
  virtual std::string wire(const std::string& message) = 0;
};

// ---- Sources

struct SourceShape {
  std::uint16_t port = 0;  ///< 0: any.
  std::size_t connections_max = 300;
  std::size_t message_bytes_max = 16 * 1024 * 1024;
  Milliseconds idle_timeout{0};
};

/// A sender: one connection to the source.
class Sender {
 public:
  virtual ~Sender() = default;
  virtual testing::TcpPeer& peer() = 0;
  /// The next reply, out of its frame; nullopt: closed, or none in time.
  virtual std::optional<std::string> reply(Milliseconds wait = testing::TcpPeer::patience) = 0;
};

class SourceHarness : public virtual Protocol {
 public:
  virtual std::unique_ptr<Source> make(const SourceShape& shape, Engine& engine) = 0;
  virtual std::unique_ptr<Sender> connect(std::uint16_t port) = 0;
  enum class Answer : std::uint8_t { Accepted, Refused, Other };
  /// What this reply to this message says; Other if it isn't one.
  virtual Answer read_reply(const std::string& message, const std::string& reply) = 0;
  /// Endless bytes that aren't of the protocol: the source must not bear many. Empty: there are
  /// none.
  virtual std::string garbage() = 0;
  /// How many messages of one connection may wait for their replies together; up to 5 are tried.
  virtual std::size_t unanswered_max() { return 5; }
  /// Whether what is offered of a staged body has all its bytes at hand, or as many as tell of it.
  virtual bool has_large_at_hand() { return true; }
};

void check_source(SourceHarness& harness);

// ---- Sinks

struct SinkShape {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::size_t connections = 1;
  Milliseconds reply_timeout{20'000};
};

enum class SinkAnswer : std::uint8_t { Accept, Reject, NotNow };

/// A receiver's end of one connection of the sink.
class ReceiverConnection {
 public:
  virtual ~ReceiverConnection() = default;
  virtual testing::TcpPeer& peer() = 0;
  virtual std::optional<std::string> message(Milliseconds wait = testing::TcpPeer::patience) = 0;
  /// The bytes that answer `message`.
  virtual std::string answer(const std::string& message, SinkAnswer answer) = 0;
};

class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual std::uint16_t port() const = 0;
  virtual std::unique_ptr<ReceiverConnection> accept(
      Milliseconds wait = testing::TcpPeer::patience) = 0;
};

class SinkHarness : public virtual Protocol {
 public:
  virtual std::unique_ptr<Sink> make(const SinkShape& shape, Engine& engine) = 0;
  virtual std::unique_ptr<Receiver> listen() = 0;
};

void check_sink(SinkHarness& harness);

}  // namespace causeway::contract
