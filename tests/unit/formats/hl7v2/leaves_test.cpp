#include "engine/formats/hl7v2/leaves.h"

#include <catch2/catch.hpp>

namespace causeway::hl7v2 {
namespace {

Message read(std::string text) {
  auto message = Message::parse(make_bytes(std::move(text)));
  REQUIRE(message.ok());
  return *message;
}

std::string listed(const Message& message, std::size_t segment, int number = 1) {
  std::string text;
  for (const auto& leaf : leaves_of(message, segment))
    text += (text.empty() ? "" : " ") +
            to_string(path_of(leaf, message.segment_name(segment), number)) + "=" +
            decoded(leaf, message.delimiters());
  return text;
}

TEST_CASE("a segment is taken apart as deep as it is divided") {
  const auto message =
      read("MSH|^~\\&|A||B^C\rPID|1||a^^c&d~e||\\T\\|\"\"|~|^&|\rZZZ\rOBX|||x&y\r");
  CHECK(listed(message, 0) == "MSH-1=| MSH-2=^~\\& MSH-3=A MSH-5.1=B MSH-5.2=C");
  CHECK(listed(message, 1) ==
        "PID-1=1 PID-3[1].1=a PID-3[1].3.1=c PID-3[1].3.2=d PID-3[2]=e PID-5=& PID-6=\"\"");
  CHECK(listed(message, 2).empty());
  CHECK(listed(message, 3, 2) == "OBX[2]-3.1.1=x OBX[2]-3.1.2=y");
}

TEST_CASE("each leaf's path leads to it") {
  const auto message = read("MSH|^~\\&|A|B^C~D&E|\rPID|1||a^^c&d~e|x^y~z&w~~v\r");
  for (std::size_t i = 0; i < message.segment_count(); ++i)
    for (const auto& leaf : leaves_of(message, i))
      CHECK(message.raw_in(i, path_of(leaf, message.segment_name(i), 1)) == leaf.raw);
}

TEST_CASE("bytes that only look like delimiters don't divide") {
  const auto message = read("MSH|^~\\&|A|||||||||||||||BIG-5\rPID|\xA6|^\xB3\x5C\r");
  const auto leaves = leaves_of(message, 1);
  REQUIRE(leaves.size() == 2);
  CHECK(leaves[0].raw == "\xA6|");
  CHECK(leaves[1].raw == "\xB3\x5C");
}

TEST_CASE("a segment of very many fields takes its time once for each") {
  std::string text = "MSH|^~\\&|A\rZZZ";
  for (int i = 0; i < 300'000; ++i) text += i % 2 ? "|a~" : "^&b";
  CHECK(leaves_of(read(text), 1).size() >= 299'999);
}

}  // namespace
}  // namespace causeway::hl7v2
