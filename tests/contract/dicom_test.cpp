// DICOM through the contract of connectors: plain, TLS, and mutual TLS. What goes over the wire is
// written apart from the product's own.
#include <catch2/catch.hpp>

#include "tests/contract/network_harness.h"

namespace causeway::contract {
namespace {

constexpr char sop_class[] = "1.2.840.10008.5.1.4.1.1.7";
constexpr char syntax[] = "1.2.840.10008.1.2.1";
constexpr char instance_root[] = "2.25.77700000000000000000000000";
constexpr std::size_t head_fixed = 128 + 4 + 12;
constexpr std::size_t fragment_bytes = 32'000;
/// In a PDU with one fragment: behind its head, the fragment's length, context and flags.
constexpr std::size_t data_begin = 12;

std::string big(std::size_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}
std::string little(std::size_t value, int bytes) {
  auto out = big(value, bytes);
  return {out.rbegin(), out.rend()};
}
std::size_t number_at(std::string_view bytes, std::size_t at, int size, bool is_big) {
  std::size_t value = 0;
  for (int i = 0; i < size; ++i)
    value = value << 8 | static_cast<unsigned char>(
                             bytes[at + static_cast<std::size_t>(is_big ? i : size - 1 - i)]);
  return value;
}

std::string even(std::string value, char padding) {
  if (value.size() % 2 != 0) value += padding;
  return value;
}

/// Explicit VR, little endian.
std::string element(unsigned group, unsigned number, const std::string& vr, std::string value,
                    char padding = '\0') {
  value = even(std::move(value), padding);
  auto out = little(group, 2) + little(number, 2) + vr;
  out +=
      vr == "OB" || vr == "OW" ? little(0, 2) + little(value.size(), 4) : little(value.size(), 2);
  return out + value;
}
/// Implicit VR: of commands.
std::string command_element(unsigned number, std::string value) {
  value = even(std::move(value), '\0');
  return little(0, 2) + little(number, 2) + little(value.size(), 4) + value;
}

std::string file_head(const std::string& instance) {
  const auto group = element(2, 1, "OB", std::string("\0\1", 2)) + element(2, 2, "UI", sop_class) +
                     element(2, 3, "UI", instance) + element(2, 0x10, "UI", syntax) +
                     element(2, 0x12, "UI", "2.25.164427376263679165090887812016717810050") +
                     element(2, 0x13, "SH", "CAUSEWAY_1", ' ') +
                     element(2, 0x16, "AE", "TESTER", ' ');
  std::string head(128, '\0');
  return head.append("DICM").append(element(2, 0, "UL", little(group.size(), 4))).append(group);
}

std::string data_set_of(const std::string& message) {
  return message.substr(head_fixed + number_at(message, head_fixed - 4, 4, false));
}
std::string instance_of(const std::string& message) {
  const auto begin = message.find(instance_root);
  return message.substr(begin, message.find_first_not_of("0123456789.", begin) - begin);
}

std::string pdu(char type, const std::string& body) {
  std::string out(2, '\0');
  out[0] = type;
  return out.append(big(body.size(), 4)).append(body);
}
std::string data_pdu(bool is_command, bool is_last, const std::string& fragment) {
  auto body = big(fragment.size() + 2, 4);
  body += '\1';
  body += static_cast<char>((is_command ? 1 : 0) | (is_last ? 2 : 0));
  return pdu(4, body.append(fragment));
}
std::string item(char type, const std::string& content) {
  std::string out(2, '\0');
  out[0] = type;
  return out.append(big(content.size(), 2)).append(content);
}

std::string association(bool is_answer, const std::string& contexts) {
  std::string body("\0\1\0\0CAUSEWAY        TESTER          ", 36);
  body.append(32, '\0').append(item(0x10, "1.2.840.10008.3.1.1.1")).append(contexts);
  body.append(item(0x50, item(0x51, big(0, 4)) + item(0x52, "2.25.1")));
  return pdu(is_answer ? 2 : 1, body);
}
std::string store_request(const std::string& instance) {
  return command_element(2, sop_class) + command_element(0x100, little(1, 2)) +
         command_element(0x110, little(7, 2)) + command_element(0x700, little(0, 2)) +
         command_element(0x800, little(1, 2)) + command_element(0x1000, instance);
}
std::string response(std::size_t field, std::size_t message_id, std::size_t status) {
  return command_element(0x100, little(field, 2)) + command_element(0x120, little(message_id, 2)) +
         command_element(0x800, little(0x101, 2)) + command_element(0x900, little(status, 2));
}

/// The value of a command's element; empty: it has none.
std::string value_of(std::string_view command, unsigned number) {
  while (command.size() >= 8) {
    const auto size = number_at(command, 4, 4, false);
    if (number_at(command, 2, 2, false) == number) return std::string(command.substr(8, size));
    command.remove_prefix(std::min(command.size(), 8 + size));
  }
  return {};
}

/// One PDU: its type, a zero, its length, its body.
std::optional<std::string> take_pdu(std::string& received) {
  if (received.size() < 6) return std::nullopt;
  const auto size = 6 + number_at(received, 2, 4, true);
  if (received.size() < size) return std::nullopt;
  auto whole = received.substr(0, size);
  received.erase(0, size);
  return whole;
}

class DicomProtocol : public virtual Protocol {
 public:
  std::string message(int number, std::size_t bytes) override {
    const auto instance = instance_root + std::to_string(number);
    auto text = file_head(instance) + element(8, 0x16, "UI", sop_class) +
                element(8, 0x18, "UI", instance) + element(0x10, 0x10, "PN", "DOE^JANE", ' ') +
                element(0x10, 0x20, "LO", std::to_string(number), ' ');
    const auto rest = text.size() + 12 < bytes ? bytes - text.size() - 12 : 0;
    return text + element(0x7FE0, 0x10, "OB", std::string(rest, 'x'), 'x');
  }
  std::string wire(const std::string& message) override {
    auto out = data_pdu(true, true, store_request(instance_of(message)));
    auto data_set = data_set_of(message);
    while (!data_set.empty()) {
      const auto fragment = data_set.substr(0, fragment_bytes);
      data_set.erase(0, fragment.size());
      out += data_pdu(false, data_set.empty(), fragment);
    }
    return out;
  }
};

class DicomSender final : public Sender {
 public:
  explicit DicomSender(std::unique_ptr<testing::TcpPeer> peer) : wire_(std::move(peer), take_pdu) {
    const auto context =
        item(0x20, std::string("\1\0\0\0", 4) + item(0x30, sop_class) + item(0x40, syntax));
    wire_.peer().send(association(false, context));
    const auto answer = wire_.next(testing::TcpPeer::patience);
    if (!answer || answer->front() != 2) throw std::runtime_error("no association");
  }
  testing::TcpPeer& peer() override { return wire_.peer(); }
  std::optional<std::string> reply(Milliseconds wait) override {
    const auto pdu = wire_.next(wait);
    if (!pdu || pdu->front() != 4) return std::nullopt;
    return pdu->substr(data_begin);
  }

 private:
  Wire wire_;
};

class DicomReceiverConnection final : public ReceiverConnection {
 public:
  explicit DicomReceiverConnection(std::unique_ptr<testing::TcpPeer> peer)
      : wire_(std::move(peer), take_pdu) {}
  testing::TcpPeer& peer() override { return wire_.peer(); }

  /// Up to the first command, which it answers if it is an echo.
  bool begin(Milliseconds wait) {
    const auto asked = wire_.next(wait);
    if (!asked || asked->front() != 1) return false;
    const auto of_answer =
        std::string("\1\0\0\0", 4) +
        item(0x40, asked->find(syntax) == std::string::npos ? "1.2.840.10008.1.2" : syntax);
    wire_.peer().send(association(true, item(0x21, of_answer)));
    first_ = wire_.next(wait);
    if (!first_) return true;
    const auto command = first_->substr(std::min(data_begin, first_->size()));
    if (value_of(command, 0x100) == little(0x30, 2))
      wire_.peer().send(data_pdu(
          true, true, response(0x8030, number_at(value_of(command, 0x110), 0, 2, false), 0)));
    return true;
  }

  std::optional<std::string> message(Milliseconds wait) override {
    std::string command, data_set;
    for (;;) {
      auto pdu = first_ ? std::exchange(first_, std::nullopt) : wire_.next(wait);
      if (!pdu || pdu->front() != 4) return std::nullopt;
      const auto flags = (*pdu)[data_begin - 1];
      (flags & 1 ? command : data_set) += pdu->substr(data_begin);
      if (flags == 2) break;
    }
    message_id_ = number_at(value_of(command, 0x110), 0, 2, false);
    auto instance = value_of(command, 0x1000);
    while (!instance.empty() && instance.back() == '\0') instance.pop_back();
    return file_head(instance) + data_set;
  }

  std::string answer(const std::string&, SinkAnswer answer) override {
    const std::size_t status = answer == SinkAnswer::Accept   ? 0
                               : answer == SinkAnswer::Reject ? 0xC000
                                                              : 0xA700;
    return data_pdu(true, true, response(0x8001, message_id_, status));
  }

 private:
  Wire wire_;
  std::optional<std::string> first_;
  std::size_t message_id_ = 0;
};

class DicomSourceHarness final : public NetworkSourceHarness, public DicomProtocol {
 public:
  explicit DicomSourceHarness(Security security) : NetworkSourceHarness("dicom", security) {}

  Answer read_reply(const std::string& message, const std::string& reply) override {
    if (value_of(reply, 0x100) != little(0x8001, 2) || value_of(reply, 0x120) != little(7, 2) ||
        value_of(reply, 0x1000) != even(instance_of(message), '\0'))
      return Answer::Other;
    return value_of(reply, 0x900) == little(0, 2) ? Answer::Accepted : Answer::Refused;
  }
  std::string garbage() override { return std::string(20'000, 'g'); }
  std::size_t unanswered_max() override { return 1; }
  bool has_large_at_hand() override { return false; }

 private:
  std::string size_field() override { return "object_bytes_max"; }
  std::unique_ptr<Sender> sender(std::unique_ptr<testing::TcpPeer> peer) override {
    return std::make_unique<DicomSender>(std::move(peer));
  }
};

class DicomSinkHarness final : public NetworkSinkHarness, public DicomProtocol {
 public:
  explicit DicomSinkHarness(Security security) : NetworkSinkHarness("dicom", security) {}

 private:
  std::string fields(const SinkShape& shape) override {
    return R"("called_title": "ARCHIVE", )" + NetworkSinkHarness::fields(shape);
  }
  std::unique_ptr<ReceiverConnection> receiver(std::unique_ptr<testing::TcpPeer> peer) override {
    auto connection = std::make_unique<DicomReceiverConnection>(std::move(peer));
    if (!connection->begin(testing::TcpPeer::patience)) return nullptr;
    return connection;
  }
};

TEST_CASE("dicom source without TLS") {
  DicomSourceHarness harness(Security::Plain);
  check_source(harness);
}
TEST_CASE("dicom source with mutual TLS") {
  DicomSourceHarness harness(Security::MutualTls);
  check_source(harness);
}
TEST_CASE("dicom sink without TLS") {
  DicomSinkHarness harness(Security::Plain);
  check_sink(harness);
}
TEST_CASE("dicom sink with mutual TLS") {
  DicomSinkHarness harness(Security::MutualTls);
  check_sink(harness);
}

}  // namespace
}  // namespace causeway::contract
