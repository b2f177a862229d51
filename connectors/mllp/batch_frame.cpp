#include "connectors/mllp/batch_frame.h"

#include "engine/formats/hl7v2/batch.h"

namespace causeway::connectors::mllp {

std::shared_ptr<BatchFrame> BatchFrame::take_apart(std::string_view content) {
  using Kind = hl7v2::BatchItem::Kind;
  if (!hl7v2::is_batch(content)) return nullptr;
  auto frame = std::make_shared<BatchFrame>();
  hl7v2::BatchReader reader(content.size() + 1);
  const auto on_item = [&](const hl7v2::BatchItem& item) -> Status {
    // What can't be read is kept too: it is evidence.
    if (item.kind == Kind::Message || item.kind == Kind::Unreadable)
      frame->messages_.emplace_back(item.text);
    if (item.kind == Kind::BatchHeader || (item.kind == Kind::FileHeader && frame->header_.empty()))
      frame->header_ = item.text;
    if (frame->messages_.size() <= batch_messages_max) return Done{};
    return Error{ErrorKind::Limit, "", "too many messages"};
  };
  const bool read = reader.push(content, on_item).ok() && reader.finish(on_item).ok();
  if (!read || frame->messages_.empty()) return nullptr;
  frame->replies_.resize(frame->messages_.size());
  frame->awaited_ = frame->messages_.size();
  return frame;
}

bool BatchFrame::answer(std::size_t member, Reply reply) {
  auto& slot = replies_.at(member);
  if (!slot) --awaited_;
  slot = std::move(reply);
  return awaited_ == 0;
}

Reply BatchFrame::combined(const VerdictReply& composer) const {
  Reply combined;
  std::vector<std::string> texts;
  for (const auto& reply : replies_) {
    if (!reply) continue;
    texts.push_back(reply->bytes ? *reply->bytes : std::string());
    if (!combined.message) combined.message = reply->message;
    if (reply->verdict.code != Verdict::Code::Accept) combined.verdict = reply->verdict;
  }
  combined.bytes = make_bytes(composer.compose_batch(header_, texts));
  return combined;
}

std::vector<MessageId> BatchFrame::stored() const {
  std::vector<MessageId> stored;
  for (const auto& reply : replies_)
    if (reply && reply->message) stored.push_back(reply->message);
  return stored;
}

}  // namespace causeway::connectors::mllp
