#include "engine/main/authoring/case_answers.h"

#include "engine/formats/hl7v2/acknowledgement.h"

namespace causeway {
namespace {

/// What a connector sees in an answer by default: an acknowledgement by its code (AR and CR may do
/// better later), all else as delivered.
Outcome seen_by_connector(const std::string& answer) {
  const auto ack = hl7v2::read_ack(answer);
  if (!ack) return Outcome::Delivered;
  switch (ack->code) {
    case hl7v2::AckCode::AE:
    case hl7v2::AckCode::CE:
      return Outcome::Rejected;
    case hl7v2::AckCode::AR:
    case hl7v2::AckCode::CR:
      return Outcome::Deferred;
    default:
      return Outcome::Delivered;
  }
}

class Answers {
 public:
  Answers(const TestCase& test, const TestedChannel& channel, const StoredMessage& message,
          CaseOutcome& outcome)
      : test_(test), channel_(channel), message_(message), outcome_(outcome) {}

  void take(const RunOutput& output) {
    const auto number = ++numbers_[output.destination];
    const auto response = channel_.responses.find(output.destination);
    if (response == channel_.responses.end()) return;
    auto answer = test_.answers.find(output.destination + "." + std::to_string(number));
    if (answer == test_.answers.end() && number == 1)
      answer = test_.answers.find(output.destination);
    if (answer == test_.answers.end()) return;
    look(*response->second, output, static_cast<std::uint16_t>(number - 1), answer->first,
         answer->second);
  }

 private:
  void look(ResponseTransformation& script, const RunOutput& output, std::uint16_t part,
            const std::string& name, const TestFile& answer) {
    StoredDelivery sent;
    sent.work.part = part;
    sent.content_type = output.content_type;
    sent.body = output.body;
    Attempt attempt;
    attempt.response = answer.bytes;
    const auto given = test_.outcomes.find(name);
    attempt.outcome = given == test_.outcomes.end() ? seen_by_connector(answer.bytes)
                                                    : *outcome_called(given->second);
    auto seen = seen_through(attempt, script.run({message_, sent, attempt}));
    outcome_.settled[name] = to_string(seen.outcome);
    if (!seen.reason.text.empty()) outcome_.log += name + ": " + seen.reason.str() + "\n";
    if (seen.reply && decides_reply(output.destination))
      outcome_.reply = reply_of(test_, *seen.reply);
  }

  bool decides_reply(const std::string& destination) const {
    const auto& reply = channel_.config.reply;
    if (reply.when == config::ReplyPolicy::When::Destination)
      return reply.destination == destination;
    return reply.when == config::ReplyPolicy::When::Done;
  }

  const TestCase& test_;
  const TestedChannel& channel_;
  const StoredMessage& message_;
  CaseOutcome& outcome_;
  std::map<std::string, std::size_t> numbers_;
};

}  // namespace

void take_answers(const TestCase& test, const TestedChannel& channel, const StoredMessage& message,
                  const std::vector<RunOutput>& outputs, CaseOutcome& outcome) {
  Answers answers(test, channel, message, outcome);
  for (const auto& output : outputs) answers.take(output);
}

TestFile reply_of(const TestCase& test, std::string reply) {
  const auto looks = reply.starts_with("MSH") ? ContentType::Hl7v2 : ContentType::Text;
  return {"", test.reply ? test.reply->type : looks, std::move(reply)};
}

}  // namespace causeway
