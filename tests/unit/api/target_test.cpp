#include "engine/api/target.h"

#include <catch2/catch.hpp>

using namespace causeway::api;

TEST_CASE("Target: a path and a query, decoded") {
  const auto target =
      parse_target("/api/channels/lab%2Foru?limit=5&term=PID-3.1%3D%C3%A4+b&term=2");
  REQUIRE(target);
  CHECK(target->segments == std::vector<std::string>{"api", "channels", "lab/oru"});
  CHECK(target->query == std::vector<std::pair<std::string, std::string>>{
                             {"limit", "5"}, {"term", "PID-3.1=\xC3\xA4 b"}, {"term", "2"}});
}

TEST_CASE("Target: what is no path, or no text, is refused") {
  for (const std::string bad : {"", "api", "http://h/api", "/api/%", "/api/%4", "/api/%zz",
                                "/a?b=%00", "/a?b=%ff", "/%C0%80"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_target(bad));
  }
  CHECK_FALSE(parse_target("/" + std::string(target_bytes_max, 'a')));
}

TEST_CASE("Target: a parameter takes the place of those of its name") {
  CHECK(with_parameter("/a?limit=5&after=1&x=%20", "after", "b/c") ==
        "/a?limit=5&x=%20&after=b%2Fc");
  CHECK(with_parameter("/a", "after", "1") == "/a?after=1");
}
