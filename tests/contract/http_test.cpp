// HTTP through the contract of connectors: plain, TLS, and mutual TLS.
#include <catch2/catch.hpp>

#include "tests/contract/network_harness.h"

namespace causeway::contract {
namespace {

/// A request or answer, as the tests send them.
std::optional<std::string> take_whole(std::string& received) {
  const auto end = received.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  const auto at = received.find("content-length: ");
  const std::size_t length = at < end ? std::stoul(received.substr(at + 16)) : 0;
  if (received.size() < end + 4 + length) return std::nullopt;
  auto whole = received.substr(0, end + 4 + length);
  received.erase(0, whole.size());
  return whole;
}

std::optional<std::string> take_body(std::string& received) {
  auto whole = take_whole(received);
  if (whole) whole->erase(0, whole->find("\r\n\r\n") + 4);
  return whole;
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

class HttpSourceHarness final : public NetworkSourceHarness, public HttpProtocol {
 public:
  explicit HttpSourceHarness(Security security) : NetworkSourceHarness("http", security) {}

  Answer read_reply(const std::string&, const std::string& reply) override {
    if (reply.starts_with("HTTP/1.1 20")) return Answer::Accepted;
    return reply.starts_with("HTTP/1.1 ") ? Answer::Refused : Answer::Other;
  }
  std::string garbage() override { return std::string(70'000, 'g'); }

 private:
  std::string fields() override { return R"("path": "/in")"; }
  std::string size_field() override { return "body_bytes_max"; }
  std::unique_ptr<Sender> sender(std::unique_ptr<testing::TcpPeer> peer) override {
    return std::make_unique<WireSender>(std::move(peer), take_whole);
  }
};

class HttpSinkHarness final : public NetworkSinkHarness, public HttpProtocol {
 public:
  explicit HttpSinkHarness(Security security) : NetworkSinkHarness("http", security) {}

 private:
  static std::string answer(const std::string&, SinkAnswer answer) {
    const char* status = answer == SinkAnswer::Accept   ? "201 Created"
                         : answer == SinkAnswer::Reject ? "422 Unprocessable Content"
                                                        : "503 Service Unavailable";
    return std::string("HTTP/1.1 ") + status + "\r\ncontent-length: 5\r\n\r\nfine\n";
  }
  std::string fields(const SinkShape& shape) override {
    return "\"url\": \"http" + std::string(security() == Security::Plain ? "" : "s") + "://" +
           shape.host + ":" + std::to_string(shape.port) + "/in\"";
  }
  std::unique_ptr<ReceiverConnection> receiver(std::unique_ptr<testing::TcpPeer> peer) override {
    return std::make_unique<WireReceiver>(std::move(peer), take_body, answer);
  }
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
