#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/observe/metrics_server.h"
#include "engine/observe/text_log.h"

namespace causeway::observe {
namespace {

std::string http(int port, const std::string& request) {
  int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::send(socket, request.data(), request.size(), 0) ==
          static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t got; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(got));
  ::close(socket);
  return answer;
}

TEST_CASE("a log line keeps to one line whatever its values hold") {
  SystemTime at{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};
  CHECK(log_line(at, LogLevel::Warn, "a.b", {{"k", "v"}, {"t", "two words\n\"x\""}}) ==
        "2026-11-24T00:00:00.000000Z WARN a.b k=v t=\"two words\\x0a\\\"x\\\"\"");
}

TEST_CASE("a log line in JSON is an object whatever its values hold") {
  SystemTime at{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};
  CHECK(
      json_log_line(at, LogLevel::Warn, "a.b", {{"k", "v"}, {"t", "two\n\"x\"\\ \xff\xc3\xa4"}}) ==
      "{\"time\":\"2026-11-24T00:00:00.000000Z\",\"level\":\"warn\",\"event\":\"a.b\",\"k\":\"v\","
      "\"t\":\"two\\u000a\\\"x\\\"\\\\ \\ufffd\xc3\xa4\"}");
}

TEST_CASE("metrics and health are served; anything else is refused") {
  Metrics metrics;
  std::string trouble;
  MetricsServer server(
      metrics, [&] { metrics.gauge("up").set(1); }, [&] { return trouble; });
  REQUIRE(server.start(0).ok());
  auto get = [&](const std::string& path) {
    return http(server.port(), "GET " + path + " HTTP/1.0\r\n\r\n");
  };
  CHECK(get("/metrics").find("up 1\n") != std::string::npos);
  CHECK(get("/health").find("200 OK") != std::string::npos);
  trouble = "the database is away";
  CHECK(get("/health").find("503") != std::string::npos);
  CHECK(get("/other").find("404") != std::string::npos);
  CHECK(http(server.port(), "DELETE /metrics HTTP/1.0\r\n\r\n").find("405") != std::string::npos);
  CHECK_FALSE(MetricsServer(
                  metrics, [] {}, [] { return ""; })
                  .start(server.port())
                  .ok());
}

}  // namespace
}  // namespace causeway::observe
