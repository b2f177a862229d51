// Where a source hands in what it read.
#pragma once

#include <functional>

#include "engine/core/message.h"
#include "engine/core/work.h"

namespace causeway {

/// What the sender is to be told, before it is put in the protocol's words.
struct Verdict {
  enum class Code : std::uint8_t { Accept, Error, Reject };
  enum class Level : std::uint8_t {
    Stored,  ///< "We have it" (HL7 enhanced mode: commit acknowledgement).
    Done,    ///< "It has been processed" (application acknowledgement).
  };
  Code code = Code::Accept;
  Level level = Level::Stored;
  ErrorKind kind = ErrorKind::None;
  std::string text;  ///< For the peer; never more than it may know.
  /// If set: the sender is told this (a destination's response, ctx.reply), in the protocol's
  /// frame.
  Bytes verbatim;
  SharedAttributes attributes;  ///< That go with `verbatim`.
  bool composed = false;        ///< `verbatim` is a whole reply, as it was composed before.
};

struct Reply {
  MessageId message;  ///< 0: it could not be stored.
  Verdict verdict;
  Bytes bytes;  ///< As composed by Source::compose_reply; empty: send nothing.
};

/// Thread-safe; never blocks.
class Intake {
 public:
  /// Called exactly once, on any thread but never from within `accept`.
  using OnReceipt = std::function<void(Result<Receipt>)>;
  using OnReply = std::function<void(Reply)>;

  virtual ~Intake() = default;

  /// Offers one message. `on_receipt` (may be empty) comes when it is committed or could not be;
  /// `on_reply` (may be empty) when the channel's reply policy has decided. A message that could
  /// not be stored gets a Reply with message 0 and a Reject or Error verdict.
  virtual void accept(Draft draft, OnReceipt on_receipt, OnReply on_reply) = 0;

  /// Offers a slice of a batch; `on_receipt` once per draft, in order.
  virtual void accept_many(std::vector<Draft> drafts, OnReceipt on_receipt) = 0;

  /// Says whether the bytes of a Reply left; recorded in the message's history.
  virtual void reply_sent(MessageId message, ReplyState state) = 0;

  /// False while the source should not read on (queue limit reached, paused, store away).
  virtual bool wants_more() const = 0;
};

}  // namespace causeway
