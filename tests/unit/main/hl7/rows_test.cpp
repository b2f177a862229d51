#include "engine/main/hl7/rows.h"

#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/grammar/message_structure.h"

namespace causeway {
namespace {

using hl7v2::Path;

std::vector<Path> paths_of(std::vector<const char*> texts) {
  std::vector<Path> paths;
  for (const auto* text : texts) paths.push_back(*hl7v2::parse_path(text));
  return paths;
}

/// "a b|c d": values of a row apart by blanks; "-": there is no such place.
std::string drawn(std::vector<const char*> texts) {
  auto message = hl7v2::Message::parse(
      make_bytes("MSH|^~\\&|A||||1||ORU^R01^ORU_R01|1|P|2.5.1\rPID|1||a^x~b^y\r"
                 "OBR|o1\rOBX|1||||p~q\rOBX|2\rOBR|o2\rOBX|3||||r\r"));
  REQUIRE(message.ok());
  message->use_groups(hl7v2::structure_groups());
  const auto paths = paths_of(texts);
  REQUIRE(check_paths(paths).ok());
  const auto rows = rows_of(*message, paths);
  REQUIRE(rows.ok());
  std::string text;
  for (const auto& row : *rows) {
    if (!text.empty()) text += "|";
    for (std::size_t i = 0; i < row.size(); ++i)
      text += (i > 0 ? " " : "") + (row[i] ? message->get(*row[i]) : "-");
  }
  return text;
}

TEST_CASE("paths without wildcards are one row") {
  CHECK(drawn({"PID-3.1", "OBX[3]-5", "ZZZ-1"}) == "a r ");
}

TEST_CASE("wildcards give a row for each place, the same one for paths that begin alike") {
  CHECK(drawn({"OBX[*]-1", "OBX[*]-5", "PID-1"}) == "1 p 1|2  1|3 r 1");
  CHECK(drawn({"PID-3[*].1", "PID-3[*].2"}) == "a x|b y");
  CHECK(drawn({"ORDER_OBSERVATION[*]/OBR-1", "ORDER_OBSERVATION[*]/OBX[*]-1"}) == "o1 1|o1 2|o2 3");
  CHECK(drawn({"ORDER_OBSERVATION[*]/OBX[*]-5[*]", "ORDER_OBSERVATION[*]/OBX[*]-1"}) ==
        "p 1|q 1|r 3");
  CHECK(drawn({"OBX[*]-1", "OBX[*]-5[*]"}) == "1 p|1 q|2 -|3 r");
  CHECK(drawn({"ZZZ[*]-1"}).empty());
}

TEST_CASE("wildcards that have nothing to do with each other are refused") {
  CHECK(check_paths(paths_of({"PID-3[*]", "OBX[*]-5"})).error().kind == ErrorKind::Invalid);
  CHECK_FALSE(check_paths(paths_of({"A[*]/OBX[*]-5", "B[*]/OBX[*]-5"})).ok());
  CHECK(check_paths(paths_of({"PID-3", "OBX[*]-5", "OBX[*]-5[*]"})).ok());
}

}  // namespace
}  // namespace causeway
