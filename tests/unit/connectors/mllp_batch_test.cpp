// Batches in a frame: told apart, answered by one batch.
#include <catch2/catch.hpp>

#include "connectors/mllp/batch_frame.h"

namespace causeway::connectors::mllp {
namespace {

std::string message(const std::string& control_id) {
  return "MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260301||ADT^A01|" + control_id + "|P|2.5\rPID|1\r";
}

const std::string batch =
    "BHS|^~\\&|LAB|HOSP|EMR|HOSP|20260301||||B7\r" + message("1") + message("2") + "BTS|2\r";

Reply reply(MessageId id, const char* text, Verdict::Code code = Verdict::Code::Accept) {
  Reply made;
  made.message = id;
  made.verdict.code = code;
  made.bytes = make_bytes(text);
  return made;
}

TEST_CASE("mllp batch: a frame is taken apart, and answered when all its messages are") {
  MachineClock clock;
  const VerdictReply composer(clock);
  auto frame = BatchFrame::take_apart(batch);
  REQUIRE(frame);
  CHECK(frame->messages() == std::vector<std::string>{message("1"), message("2")});
  CHECK_FALSE(frame->answer(1, reply(MessageId{8}, "MSH|b\r", Verdict::Code::Error)));
  CHECK(frame->answer(0, reply(MessageId{7}, "MSH|a\r")));
  const auto combined = frame->combined(composer);
  CHECK(combined.message == MessageId{7});
  CHECK(combined.verdict.code == Verdict::Code::Error);
  CHECK(frame->stored() == std::vector<MessageId>{MessageId{7}, MessageId{8}});
  CHECK_THAT(*combined.bytes, Catch::StartsWith("BHS|^~\\&|EMR|HOSP|LAB|HOSP|"));
  CHECK_THAT(*combined.bytes, Catch::EndsWith("|B7\rMSH|a\rMSH|b\rBTS|2\r"));
}

TEST_CASE("mllp batch: one message is none, and neither is a batch without messages") {
  CHECK_FALSE(BatchFrame::take_apart(message("1")));
  CHECK_FALSE(BatchFrame::take_apart("no HL7 at all"));
  CHECK_FALSE(BatchFrame::take_apart("BHS|^~\\&|A\rBTS|0\r"));
  std::string many;
  for (std::size_t i = 0; i <= batch_messages_max; ++i) many += message("1");
  CHECK_FALSE(BatchFrame::take_apart(many));
}

TEST_CASE("mllp batch: what can't be read in it is kept as a message too") {
  auto frame = BatchFrame::take_apart("BHS|^~\\&|A\rgarbage\r" + message("1"));
  REQUIRE(frame);
  CHECK(frame->messages() == std::vector<std::string>{"garbage\r", message("1")});
}

}  // namespace
}  // namespace causeway::connectors::mllp
