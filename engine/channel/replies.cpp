#include "engine/channel/replies.h"

namespace causeway::channel {

void Replies::expect(MessageId message, Intake::OnReply on_reply, Bytes input,
                     DestinationId destination) {
  Waiting waiting;
  waiting.on_reply = std::move(on_reply);
  waiting.input = std::move(input);
  waiting.destination = destination;
  waiting_.emplace(message, std::move(waiting));
}

Replies::Decided Replies::decide(MessageId message, Verdict verdict) {
  auto node = waiting_.extract(message);
  verdict.level = Verdict::Level::Done;
  return {message,
          std::move(verdict),
          std::move(node.mapped().on_reply),
          std::move(node.mapped().input),
          false,
          std::move(node.mapped().others)};
}

void Replies::also_tell(MessageId message, std::function<void(const Verdict&)> other) {
  waiting_.at(message).others.push_back(std::move(other));
}

std::optional<Replies::Decided> Replies::ran(MessageId message,
                                             const std::vector<DeliveryRecord>& deliveries,
                                             const Verdict& verdict) {
  auto at = waiting_.find(message);
  if (at == waiting_.end()) return std::nullopt;
  auto& waiting = at->second;
  waiting.ran = true;
  waiting.open = 0;
  for (const auto& delivery : deliveries)
    if (!waiting.destination || waiting.destination == delivery.destination) ++waiting.open;
  if (verdict.code != Verdict::Code::Accept || verdict.verbatim || waiting.open == 0)
    return decide(message, verdict);
  return std::nullopt;
}

std::optional<Replies::Decided> Replies::delivered(const WorkRef& work, const Verdict& verdict) {
  auto at = waiting_.find(work.message);
  if (at == waiting_.end()) return std::nullopt;
  auto& waiting = at->second;
  if (waiting.destination && waiting.destination != work.destination) return std::nullopt;
  if (!waiting.worst || verdict.code > waiting.worst->code) {
    waiting.worst = verdict;
    if (!waiting.destination) {
      waiting.worst->verbatim.reset();
      waiting.worst->attributes.reset();
    }
  }
  if (waiting.open > 0) --waiting.open;
  if (!waiting.ran || waiting.open > 0) return std::nullopt;
  return decide(work.message, std::move(*waiting.worst));
}

std::optional<Replies::Decided> Replies::timed_out(MessageId message, Verdict::Code code) {
  if (!waiting_.contains(message)) return std::nullopt;
  Verdict verdict;
  verdict.code = code;
  verdict.kind = ErrorKind::TimedOut;
  verdict.text = "stored, but not processed in time";
  auto decided = decide(message, std::move(verdict));
  decided.timed_out = true;
  return decided;
}

void Replies::told(MessageId message, ReplyRecord record, bool alone) {
  told_.insert_or_assign(message, Told{std::move(record), false, alone});
}

std::optional<ReplyRecord> Replies::sent(MessageId message, ReplyState state) {
  auto at = told_.find(message);
  if (at == told_.end()) return std::nullopt;
  at->second.record.state = state;
  at->second.state_known = true;
  if (!at->second.alone) return std::nullopt;
  return take(message);
}

std::optional<ReplyRecord> Replies::take(MessageId message) {
  auto at = told_.find(message);
  if (at == told_.end() || !at->second.state_known) return std::nullopt;
  auto record = std::move(at->second.record);
  told_.erase(at);
  return record;
}

void Replies::no_append_in_sight(MessageId message) {
  auto at = told_.find(message);
  if (at != told_.end()) at->second.alone = true;
}

}  // namespace causeway::channel
