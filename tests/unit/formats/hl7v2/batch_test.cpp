#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/batch.h"

namespace causeway::hl7v2 {
namespace {

struct Seen {
  std::string told;
  std::vector<std::string> texts;
  Status end = Done{};
};

/// Reads the input in pieces of this many bytes.
Seen read(std::string_view input, std::size_t piece = 1000, std::size_t most = 10'000) {
  Seen seen;
  BatchReader reader(most);
  auto on_item = [&](const BatchItem& item) -> Status {
    seen.told += std::string(to_string(item.kind));
    if (item.kind == BatchItem::Kind::Message)
      seen.told += " " + std::to_string(item.position) + ":" + std::to_string(item.file) + "." +
                   std::to_string(item.batch) + "." + std::to_string(item.place);
    if (item.problem != BatchProblem::None)
      seen.told += " (" + std::string(to_string(item.problem)) + ")";
    seen.told += "; ";
    if (item.kind == BatchItem::Kind::Message) seen.texts.emplace_back(item.text);
    return Done{};
  };
  while (!input.empty() && seen.end.ok()) {
    seen.end = reader.push(input.substr(0, piece), on_item);
    input.remove_prefix(std::min(piece, input.size()));
  }
  if (seen.end.ok()) seen.end = reader.finish(on_item);
  return seen;
}

TEST_CASE("a file of batches is told apart, however it is cut") {
  const std::string input =
      "FHS|^~\\&|A\rBHS|^~\\&|A\rMSH|^~\\&|1\rPID|1\rMSH|^~\\&|2\rBTS|2\r"
      "BHS|^~\\&|B\r\nMSH|^~\\&|3\r\nBTS|1\r\nFTS|2\r";
  for (std::size_t piece : {1u, 2u, 3u, 5u, 7u, 1000u}) {
    auto seen = read(input, piece);
    CHECK(seen.end.ok());
    CHECK(seen.told ==
          "file header; batch header; message 1:1.1.1; message 2:1.1.2; batch trailer; "
          "batch header; message 3:1.2.1; batch trailer; file trailer; ");
    CHECK(seen.texts ==
          std::vector<std::string>{"MSH|^~\\&|1\rPID|1\r", "MSH|^~\\&|2\r", "MSH|^~\\&|3\r\n"});
  }
}

TEST_CASE("messages that only follow on one another are a batch too") {
  for (std::size_t piece : {1u, 1000u}) {
    auto seen = read("\r\n MSH|^~\\&|1\nPID|MSH|x\nMSHX|1\n\nMSH|^~\\&|2", piece);
    CHECK(seen.told == "message 1:0.0.1; message 2:0.0.2; ");
    CHECK(seen.texts.at(0) == "MSH|^~\\&|1\nPID|MSH|x\nMSHX|1\n\n");
    CHECK(seen.texts.at(1) == "MSH|^~\\&|2");
    CHECK(read("\vMSH|^~\\&|1\rPID|1\r\x1C\r\vMSH|^~\\&|2\r\x1C\r", piece).texts ==
          std::vector<std::string>{"MSH|^~\\&|1\rPID|1\r", "MSH|^~\\&|2\r"});
  }
  CHECK(read("").told.empty());
  CHECK(read("\r\n\r\n").told.empty());
}

TEST_CASE("what is wrong with a batch is said, and its messages are read all the same") {
  CHECK(
      read("BHS|^~\\&\rMSH|^~\\&|1\rBTS|2\r").told ==
      "batch header; message 1:0.1.1; batch trailer (the count in the trailer is not what came); ");
  CHECK(read("BHS|^~\\&\rMSH|^~\\&|1\rBTS|x\r").told.find("is no number") != std::string::npos);
  CHECK(read("BHS|^~\\&\rMSH|^~\\&|1\rBTS\r").told ==
        "batch header; message 1:0.1.1; batch trailer; ");
  CHECK(read("BHS|^~\\&\rMSH|^~\\&|1\rBHS|^~\\&\rMSH|^~\\&|2\r").told ==
        "batch header; message 1:0.1.1; batch header (the batch or file before it has no trailer); "
        "message 2:0.2.1; end (the batch or file before it has no trailer); ");
  CHECK(read("MSH|^~\\&|1\rBTS|1\r").told ==
        "message 1:0.0.1; batch trailer (a trailer without its header); ");
  CHECK(read("FHS|^~\\&\rBHS|^~\\&\rMSH|^~\\&|1\rBTS|1\rFTS|7\r")
            .told.find("file trailer (the count") != std::string::npos);
  CHECK(read("garbage\rmore\rMSH|^~\\&|1\r").told == "unreadable; message 1:0.0.1; ");
}

TEST_CASE("a message that is too long ends the reading, and says which") {
  auto seen = read("MSH|^~\\&|1\rMSH|^~\\&|" + std::string(200, 'x'), 10, 100);
  REQUIRE_FALSE(seen.end.ok());
  CHECK(seen.end.error().kind == ErrorKind::Limit);
  CHECK(seen.end.error().place == "message 2");
  CHECK(seen.texts.size() == 1);
}

TEST_CASE("a reader that is told to stop stops") {
  BatchReader reader(1000);
  int calls = 0;
  auto stop = [&](const BatchItem&) -> Status {
    ++calls;
    return Error{ErrorKind::Stopped, "", "enough"};
  };
  CHECK(reader.push("MSH|^~\\&|1\rMSH|^~\\&|2\rMSH|^~\\&|3\r", stop).error().text == "enough");
  CHECK(calls == 1);
}

TEST_CASE("a batch is known from one message") {
  CHECK(is_batch("FHS|^~\\&|A"));
  CHECK(is_batch("\r\nBHS|^~\\&|A\rMSH|^~\\&\r"));
  CHECK(is_batch("MSH|^~\\&\rPID|1\rMSH|^~\\&\r"));
  CHECK_FALSE(is_batch("MSH|^~\\&\rPID|MSH\r"));
  CHECK_FALSE(is_batch("garbage"));
  CHECK_FALSE(is_batch(""));
}

TEST_CASE("a batch is put together by count, size and age") {
  const std::string message = "MSH|^~\\&|LAB|H|EMR|C|2026||ADT|1\rPID|1";
  const SteadyTime start{};
  BatchAssembler assembler({.messages_max = 2, .bytes_max = 100, .age_max = Milliseconds(50)});
  CHECK_FALSE(assembler.is_complete(start));
  CHECK(assembler.take("1", "2026").empty());
  CHECK_FALSE(assembler.is_full_for(std::string(1000, 'x')));
  assembler.add(message, start);
  CHECK_FALSE(assembler.is_complete(start));
  CHECK(assembler.due_at() == start + Milliseconds(50));
  CHECK(assembler.is_complete(start + Milliseconds(50)));
  CHECK(assembler.is_full_for(std::string(70, 'x')));
  assembler.add(message, start);
  CHECK(assembler.is_complete(start));
  CHECK(assembler.take("B1", "20260101") ==
        "FHS|^~\\&|LAB|H|EMR|C|20260101||||B1\rBHS|^~\\&|LAB|H|EMR|C|20260101||||B1\r" + message +
            "\r" + message + "\rBTS|2\rFTS|1\r");
  CHECK(assembler.messages() == 0);
  BatchAssembler plain({.file_header = false, .batch_header = false});
  plain.add("garbage", start);
  plain.add("MSH$%~\\&$A\n", start);
  CHECK(plain.take("", "") == "garbage\rMSH$%~\\&$A\n");
}

TEST_CASE("what was put together is told apart again") {
  BatchAssembler assembler({});
  for (int i = 0; i < 3; ++i) assembler.add("MSH$%~\\&$A\rPID$" + std::to_string(i), SteadyTime{});
  auto seen = read(assembler.take("B", "2026"), 3);
  CHECK(seen.texts.size() == 3);
  CHECK(seen.told.find('(') == std::string::npos);
}

TEST_CASE("a batch is answered by a batch") {
  CHECK(acknowledge_batch("BHS|^~\\&|LAB|H|EMR|C|2026||||B7\rMSH|^~\\&\r",
                          {"MSH|1\rMSA|AA\r", "", "MSH|2"}, "R1", "20260101") ==
        "BHS|^~\\&|EMR|C|LAB|H|20260101||||R1|B7\rMSH|1\rMSA|AA\rMSH|2\rBTS|2\r");
  CHECK(acknowledge_batch("", {"MSH|1\r", "MSH|2\r"}, "R1", "") == "MSH|1\rMSH|2\r");
  CHECK(acknowledge_batch("BHS|||||", {"MSH|1\r"}, "R1", "") == "MSH|1\r");
}

}  // namespace
}  // namespace causeway::hl7v2
