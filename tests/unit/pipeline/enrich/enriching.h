// What the tests of look-ups share: stages as channels declare them, and a server that answers once
// for each answer that it is given.
#pragma once

#include <catch2/catch.hpp>

#include <thread>

#include "engine/config/channel_config.h"
#include "engine/pipeline/enrich/lookup.h"
#include "tests/support/tcp_peer.h"

namespace causeway::pipeline::testing {

/// The first stage of a channel, with these members besides type, name and file.
inline config::StageConfig stage_of(const std::string& members) {
  const auto text = R"({"source": {"type": "channel"},
      "destinations": {"lab": {"type": "channel", "channel": "x"}},
      "stages": [{"type": "enrich", "name": "found", "file": "ask.js", )" +
                    members + "}]}";
  config::Problems problems;
  auto channel = config::read_channel(
      "c", text, {{"ask.js", ""}}, [](std::string_view, bool) { return nullptr; }, nullptr,
      problems);
  for (const auto& problem : problems.list) FAIL(problem.str());
  return channel.stages.at(0);
}

inline config::Value json(const std::string& text) {
  auto value = config::parse_json(text, "request");
  REQUIRE(value);
  return *value;
}

inline SteadyTime in(Milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}
constexpr Milliseconds patience{10'000};

/// The answer, or "KIND: text" of the error.
inline std::string told(const Result<std::string>& answer) {
  return answer ? *answer
                : std::string(to_string(answer.error().kind)) + ": " + answer.error().text;
}

/// One connection for each answer.
class HttpPeer {
 public:
  explicit HttpPeer(std::vector<std::string> answers, causeway::testing::PeerTls tls = {})
      : server_(std::move(tls)), thread_([this, answers = std::move(answers)] {
          for (const auto& answer : answers)
            if (auto peer = server_.accept()) {
              requests_.push_back(read(*peer));
              peer->send(answer);
              peer->finish_sending();
            }
        }) {}
  ~HttpPeer() {
    if (thread_.joinable()) thread_.join();
  }

  std::string port() const { return std::to_string(server_.port()); }
  /// Once all answers have been given.
  const std::vector<std::string>& requests() {
    if (thread_.joinable()) thread_.join();
    return requests_;
  }

 private:
  /// A request with all of its body.
  static std::string read(causeway::testing::TcpPeer& peer) {
    std::string all;
    for (;;) {
      const auto head = all.find("\r\n\r\n");
      const auto length = all.find("Content-Length: ");
      const auto body = length == std::string::npos ? 0 : std::stoul(all.substr(length + 16));
      if (head != std::string::npos && all.size() >= head + 4 + body) return all;
      const auto more = peer.receive();
      if (more.empty()) return all;
      all += more;
    }
  }

  causeway::testing::TcpServer server_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

inline std::string http(int status, const std::string& type, const std::string& body,
                        const std::string& more = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" + more +
         "\r\n" + body;
}

}  // namespace causeway::pipeline::testing
