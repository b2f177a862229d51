// A frame that held a batch: its messages, and the one answer to all of them. Plain state of one
// frame; loop's thread alone.
// Standard: HL7 v2.x chapter 2.10.3 (batch protocol).
#pragma once

#include <memory>
#include <optional>

#include "connectors/mllp/verdict_reply.h"

namespace causeway::connectors::mllp {

/// A frame with more messages is kept whole.
inline constexpr std::size_t batch_messages_max = 1000;

class BatchFrame {
 public:
  /// Null: it is no batch, or one of too many messages.
  static std::shared_ptr<BatchFrame> take_apart(std::string_view content);

  const std::vector<std::string>& messages() const { return messages_; }
  /// True: that was the last reply that was awaited.
  bool answer(std::size_t member, Reply reply);
  /// The batch of acknowledgements; its message is the first that was stored.
  Reply combined(const VerdictReply& composer) const;
  std::vector<MessageId> stored() const;

 private:
  std::string header_;  // BHS, or FHS
  std::vector<std::string> messages_;
  std::vector<std::optional<Reply>> replies_;
  std::size_t awaited_ = 0;
};

}  // namespace causeway::connectors::mllp
