#include "engine/core/response.h"

#include "engine/core/crash_note.h"
#include "engine/core/store.h"

namespace causeway {

ResponseResult look(ResponseTransformation& transformation, const ResponseRequest& request) {
  auto message = request.reader->message(request.sent.work.message);
  const WorkInHand in_hand(request.sent.work);
  if (message) return transformation.run({*message, request.sent, request.attempt});
  ResponseResult result;
  result.again = message.error().kind == ErrorKind::Unavailable;
  result.error = std::move(message).error();
  return result;
}

Attempt seen_through(Attempt attempt, ResponseResult seen) {
  const bool guessed = seen.outcome == Outcome::Ambiguous && attempt.outcome != Outcome::Ambiguous;
  if (guessed && !seen.error)
    seen.error = Error{ErrorKind::Script, "", "a response script can't make an outcome ambiguous"};
  if (attempt.outcome == Outcome::Ambiguous && attempt.response.empty()) return attempt;
  if (seen.error) {
    attempt.outcome = Outcome::Rejected;
    attempt.reason = std::move(*seen.error);
    attempt.destination_down = false;
    return attempt;
  }
  if (seen.reply) attempt.response_attributes = std::move(seen.reply_attributes);
  attempt.reply = std::move(seen.reply);
  if (seen.outcome && *seen.outcome != attempt.outcome) {
    attempt.outcome = *seen.outcome;
    attempt.destination_down = false;
    const bool delivered = attempt.outcome == Outcome::Delivered;
    attempt.reason = {delivered ? ErrorKind::None : ErrorKind::Refused, "", ""};
  }
  if (!seen.text.empty()) attempt.reason.text = std::move(seen.text);
  return attempt;
}

}  // namespace causeway
