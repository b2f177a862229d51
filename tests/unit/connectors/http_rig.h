// HTTP sources and sinks on a loop of their own, for tests of what the contract doesn't ask.
#pragma once

#include <catch2/catch.hpp>

#include "connectors/http/kind.h"
#include "connectors/support/event_loop.h"
#include "tests/support/memory_staging.h"
#include "tests/support/recording_intake.h"
#include "tests/support/tcp_peer.h"

namespace causeway::connectors::http {

using testing::RecordingIntake;
using testing::TcpPeer;
using namespace std::chrono_literals;

struct FixedSecrets final : Secrets {
  std::map<std::string, std::string, std::less<>> values;
  Result<std::string> value(std::string_view name) const override {
    const auto found = values.find(name);
    if (found == values.end()) return Error{ErrorKind::NotFound, std::string(name), "no secret"};
    return found->second;
  }
};

/// An answer taken apart by the test itself.
struct PlainAnswer {
  int status = 0;
  std::string head, body;
};

/// Sends `text` and reads one answer; status 0: the connection has ended before.
class HttpPeer {
 public:
  explicit HttpPeer(std::uint16_t port) : peer_(TcpPeer::connect(port)) {}
  TcpPeer& peer() { return *peer_; }
  PlainAnswer ask(const std::string& text) {
    peer_->send(text);
    return answer();
  }
  PlainAnswer answer() {
    for (;;) {
      const auto end = received_.find("\r\n\r\n");
      if (end != received_.npos) {
        const auto at = received_.find("content-length: ");
        const std::size_t length = at < end ? std::stoul(received_.substr(at + 16)) : 0;
        if (received_.size() >= end + 4 + length) {
          PlainAnswer answer{std::stoi(received_.substr(9, 3)), received_.substr(0, end + 2),
                             received_.substr(end + 4, length)};
          received_.erase(0, end + 4 + length);
          return answer;
        }
      }
      const auto more = peer_->receive();
      if (more.empty()) return {};
      received_ += more;
    }
  }

 private:
  std::unique_ptr<TcpPeer> peer_;
  std::string received_;
};

inline std::string request(const std::string& line, const std::string& headers = "",
                           const std::string& body = "") {
  return line + " HTTP/1.1\r\nHost: test\r\n" + headers +
         (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
         body;
}

struct HttpRig {
  HttpRig() {
    environment.secrets = &secrets;
    loop.start();
  }
  ~HttpRig() {
    for (auto& source : sources) source->stop(0ms);
    for (auto& sink : sinks) sink->stop(0ms);
  }
  config::Parsed parse(const config::Fields& fields, const std::string& json) {
    config::Problems problems;
    auto value = config::parse_json(json, problems);
    REQUIRE(value);
    auto parsed = config::read(fields, *value, problems);
    for (const auto& problem : problems.list) FAIL(problem.str());
    return parsed;
  }
  /// Members of the config, without braces.
  Source& make(const std::string& members, const std::string& channel = "lab/in") {
    auto made = kind().make_source(parse(*kind().source_fields, "{" + members + "}"),
                                   {channel, "source"}, environment);
    if (!made) FAIL(made.error().str());
    sources.push_back(std::move(*made));
    intake.answers_for(*sources.back());
    return *sources.back();
  }
  std::string refusal(const std::string& members) {
    auto made = kind().make_source(parse(*kind().source_fields, "{" + members + "}"),
                                   {"lab/in", "source"}, environment);
    return made ? "none" : made.error().str();
  }
  std::uint16_t serve(const std::string& members) {
    auto& source = make("\"port\": 0, " + members);
    REQUIRE(source.start(intake).ok());
    return port_of(source);
  }
  Sink& make_sink(const std::string& members) {
    auto made = kind().make_sink(parse(*kind().sink_fields, "{" + members + "}"), {"lab/in", "emr"},
                                 environment);
    if (!made) FAIL(made.error().str());
    sinks.push_back(std::move(*made));
    REQUIRE(sinks.back()->start().ok());
    return *sinks.back();
  }
  static std::uint16_t port_of(const Source& source) {
    const auto address = source.address();
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  std::string attribute(std::size_t index, std::string_view name) {
    const auto message = intake.message(index);
    const auto* value = find_attribute(message.attributes, name);
    return value ? *value : "(none)";
  }

  EventLoop loop;
  MachineClock clock;
  NoLog log;
  Metrics metrics;
  testing::MemoryStaging staging;
  FixedSecrets secrets;
  Environment environment{loop, clock, log, metrics, &staging};
  std::vector<std::unique_ptr<Source>> sources;
  std::vector<std::unique_ptr<Sink>> sinks;
  RecordingIntake intake;
};

}  // namespace causeway::connectors::http
