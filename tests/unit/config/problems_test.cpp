#include "engine/config/problems.h"

#include <catch2/catch.hpp>

using namespace causeway::config;

TEST_CASE("Problems: one line with file, place, pointer and text", "[config]") {
  Problems problems{"lab/channel.json", {}};
  problems.add(Value(true, {3, 7}), "/source/port", "expected an integer");
  problems.add_file("can't be read");
  CHECK(problems.list[0].str() == "lab/channel.json:3:7: /source/port: expected an integer");
  CHECK(problems.list[1].str() == "lab/channel.json: can't be read");
}

TEST_CASE("Problems: only so many are kept", "[config]") {
  Problems problems, more;
  for (std::size_t i = 0; i < Problems::kept_max + 5; ++i) more.add_file("x");
  CHECK(more.list.size() == Problems::kept_max);
  problems.add_file("y");
  problems.append(more);
  CHECK(problems.list.size() == Problems::kept_max);
}

TEST_CASE("Problems: what comes from a file is made safe to print", "[config]") {
  CHECK(in_quotes("port") == "\"port\"");
  CHECK(in_quotes("a\x1B[2J\n") == "\"a\\x1B[2J\\x0A\"");
  const std::string cut(64, 'a');
  CHECK(in_quotes(cut) == '"' + cut + '"');
  CHECK(in_quotes(cut + "b") == '"' + cut + "…\"");
  // Not in the middle of a character.
  CHECK(in_quotes(cut.substr(1) + "é") == '"' + cut.substr(1) + "…\"");
}

TEST_CASE("Problems: a pointer escapes by RFC 6901", "[config]") {
  CHECK(pointer_to("/a", "b/c~d") == "/a/b~1c~0d");
  CHECK(pointer_to("", std::size_t{3}) == "/3");
}

TEST_CASE("Problems: the nearest name is one that may be meant", "[config]") {
  const std::vector<std::string> names = {"port", "host", "idle_timeout_ms", "frame_bytes_max"};
  CHECK(nearest("prot", names) == "port");
  CHECK(nearest("idle_timout", names) == "");
  CHECK(nearest("idle_timeout", names) == "idle_timeout_ms");
  CHECK(nearest("Port", names) == "port");
  CHECK(nearest("color", names) == "");
  CHECK(nearest("", names) == "");
  CHECK(nearest("p", {}) == "");
}
