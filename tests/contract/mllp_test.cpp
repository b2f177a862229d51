// MLLP through the contract of connectors: plain, TLS, and mutual TLS.
#include <catch2/catch.hpp>

#include "tests/contract/network_harness.h"

namespace causeway::contract {
namespace {

std::string field(std::string_view segment, std::size_t number) {
  for (; number > 0; --number)
    segment.remove_prefix(std::min(segment.size(), segment.find('|') + 1));
  return std::string(segment.substr(0, segment.find_first_of("|\r")));
}

std::optional<std::string> take_frame(std::string& received) {
  const auto start = received.find('\x0b');
  const auto end = received.find("\x1c\r");
  if (start == std::string::npos || end == std::string::npos) return std::nullopt;
  auto frame = received.substr(start + 1, end - start - 1);
  received.erase(0, end + 2);
  return frame;
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

class MllpSourceHarness final : public NetworkSourceHarness, public MllpProtocol {
 public:
  explicit MllpSourceHarness(Security security) : NetworkSourceHarness("mllp", security) {}

  Answer read_reply(const std::string& message, const std::string& reply) override {
    const auto msa = reply.find("\rMSA|");
    if (msa == std::string::npos) return Answer::Other;
    const auto segment = std::string_view(reply).substr(msa + 1);
    if (field(segment, 2) != field(message, 9)) return Answer::Other;
    return field(segment, 1) == "AA" ? Answer::Accepted : Answer::Refused;
  }
  std::string garbage() override { return std::string(20'000, 'g'); }

 private:
  std::unique_ptr<Sender> sender(std::unique_ptr<testing::TcpPeer> peer) override {
    return std::make_unique<WireSender>(std::move(peer), take_frame);
  }
};

class MllpSinkHarness final : public NetworkSinkHarness, public MllpProtocol {
 public:
  explicit MllpSinkHarness(Security security) : NetworkSinkHarness("mllp", security) {}

 private:
  static std::string answer(const std::string& message, SinkAnswer answer) {
    const char* code = answer == SinkAnswer::Accept   ? "AA"
                       : answer == SinkAnswer::Reject ? "AE"
                                                      : "AR";
    std::string wire = "\x0bMSH|^~\\&|EMR|HOSP|LAB|HOSP|20260301120001||ACK|R1|P|2.5\rMSA|";
    return wire.append(code).append("|").append(field(message, 9)).append("\r\x1c\r");
  }
  std::unique_ptr<ReceiverConnection> receiver(std::unique_ptr<testing::TcpPeer> peer) override {
    return std::make_unique<WireReceiver>(std::move(peer), take_frame, answer);
  }
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
