// Response scripts: what a destination's answer is seen to mean.
#include "tests/unit/channel/channel_rig.h"

namespace causeway::channel {
namespace {

/// Says what it is told to say, once; then the connector's word holds.
struct Told final : ResponseTransformation, ResponseTransformationFactory {
  explicit Told(std::shared_ptr<std::deque<ResponseResult>> words) : said(std::move(words)) {}
  std::shared_ptr<std::deque<ResponseResult>> said;
  ResponseResult run(const ResponseInput& input) override {
    CHECK(input.message.arrival.control_id == "C1");
    CHECK(input.sent.body.view().find("C1") != std::string::npos);
    if (said->empty()) return {};
    auto result = said->front();
    said->pop_front();
    return result;
  }
  Result<std::unique_ptr<ResponseTransformation>> make() const override {
    return std::unique_ptr<ResponseTransformation>(std::make_unique<Told>(said));
  }
};

struct ResponseRig : Rig {
  std::shared_ptr<std::deque<ResponseResult>> words =
      std::make_shared<std::deque<ResponseResult>>();
  ResponseRig() {
    deployment->destinations.pop_back();
    deployment->destinations[0].response = std::make_shared<Told>(words);
    deployment->transformation = std::make_shared<TypeScript>(std::vector<std::string>{"lab"});
    deployment->reply.when = ReplyPolicy::When::Destination;
    deployment->reply.destination = "lab";
  }
  static ResponseResult says(Outcome outcome, std::string text = "") {
    ResponseResult result;
    result.outcome = outcome;
    result.text = std::move(text);
    return result;
  }
  std::vector<AttemptRecord> settled() const {
    std::vector<AttemptRecord> all;
    for (const auto& [work, attempts] : disk.attempts)
      for (const auto& attempt : attempts)
        if (attempt.event == WorkEvent::Settled) all.push_back(attempt);
    return all;
  }
};

TEST_CASE_METHOD(ResponseRig, "an answer that was not meant so is sent again") {
  words->push_back(says(Outcome::Deferred, "come back later"));
  start();
  offer("C1");
  settle(seconds(10));
  CHECK(lab.sent.size() == 2);
  REQUIRE(settled().size() == 2);
  CHECK(settled()[0].outcome == Outcome::Deferred);
  CHECK(settled()[0].text == "come back later");
  CHECK(settled()[0].response == "MSA|AA|");
  CHECK(settled()[1].outcome == Outcome::Delivered);
  CHECK(disk.attention.empty());
}

TEST_CASE_METHOD(ResponseRig, "a refusal is seen in an acceptance, and the other way round") {
  SECTION("rejected") {
    words->push_back(says(Outcome::Rejected, "unknown patient"));
    start();
    offer("C1");
    settle();
    CHECK(only_row().state == AttentionState::Parked);
    CHECK(only_row().reason == "unknown patient");
    CHECK(replies.at(0).verdict.code == Verdict::Code::Error);
  }
  SECTION("delivered") {
    lab.outcomes = {Outcome::Rejected};
    words->push_back(says(Outcome::Delivered));
    start();
    offer("C1");
    settle();
    CHECK(disk.attention.empty());
    CHECK(replies.at(0).verdict.code == Verdict::Code::Accept);
  }
  CHECK(lab.sent.size() == 1);
}

TEST_CASE_METHOD(ResponseRig, "the sender gets the reply that the script gives") {
  ResponseResult result;
  result.reply = make_bytes("RSP|made of the answer");
  words->push_back(result);
  start();
  offer("C1");
  settle();
  REQUIRE(replies.size() == 1);
  CHECK(*replies[0].bytes == "RSP|made of the answer");
  CHECK(settled().at(0).outcome == Outcome::Delivered);
}

TEST_CASE_METHOD(ResponseRig, "a response script that fails leaves the delivery to its policy") {
  deployment->destinations[0].policy.on_rejected = Trouble::HoldLane;
  ResponseResult result;
  SECTION("thrown") {
    result.error = Error{ErrorKind::Script, "r.js:1:1", "thrown"};
  }
  SECTION("a guess") {
    result.outcome = Outcome::Ambiguous;
  }
  words->push_back(result);
  start();
  offer("C1");
  settle();
  CHECK(only_row().state == AttentionState::Held);
  CHECK(only_row().kind == ErrorKind::Script);
  CHECK(lab.sent.size() == 1);
}

TEST_CASE_METHOD(ResponseRig, "where no answer came, nobody can say that it was delivered") {
  lab.outcomes = {Outcome::Ambiguous};
  lab.response.clear();
  words->push_back(says(Outcome::Delivered));
  start();
  offer("C1");
  settle();
  CHECK(only_row().state == AttentionState::Held);
  CHECK(only_row().outcome == Outcome::Ambiguous);
  CHECK(words->size() == 1);
  Attempt attempt;
  attempt.outcome = Outcome::Ambiguous;
  CHECK(seen_through(attempt, says(Outcome::Delivered)).outcome == Outcome::Ambiguous);
}

}  // namespace
}  // namespace causeway::channel
