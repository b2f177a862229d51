// A channel's intake: from the bytes that a source read to the receipt, and to the sender's reply.
#include "engine/channel/channel.h"
#include "engine/channel/replay_order.h"
#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

/// Kept of a staged body until its sender is answered: replies are made from the header.
constexpr std::size_t header_bytes_max = 4096;
/// For the reply of a message that another is a copy of.
constexpr int originals_asked_max = 10;
constexpr Milliseconds original_asked_again{50};

}  // namespace

/// One message on its way in, until its receipt.
struct Channel::Offer {
  Draft draft;
  OnReceipt on_receipt;
  OnReply on_reply;
  std::shared_ptr<const Deployment> deployment;
  SystemTime received_at;
  SteadyTime started;
  DuplicateKey duplicate;
  bool suppressed = false;
  std::uint16_t flags = 0;  // of what is offered by a person: it is no duplicate of anything
  MessageId original;
  std::shared_ptr<StoredMessage> message;  // once handed to the journal
};

void Channel::accept(Draft draft, OnReceipt on_receipt, OnReply on_reply) {
  auto offer = std::make_shared<Offer>();
  offer->draft = std::move(draft);
  offer->on_receipt = std::move(on_receipt);
  offer->on_reply = std::move(on_reply);
  offer->received_at = ports_.clock.now();
  offer->started = ports_.clock.steady();
  this->offer(std::move(offer));
}

void Channel::accept_many(std::vector<Draft> drafts, OnReceipt on_receipt) {
  for (auto& draft : drafts) accept(std::move(draft), on_receipt, {});
}

void Channel::replay(Draft draft, OnReceipt on_receipt) {
  offer_again(std::move(draft), message_flags::replay, std::move(on_receipt));
}

void Channel::keep_edit(Draft draft, OnReceipt on_receipt) {
  offer_again(std::move(draft), edited_flag | message_flags::suppressed, std::move(on_receipt));
}

void Channel::offer_again(Draft draft, std::uint16_t flags, OnReceipt on_receipt) {
  auto offer = std::make_shared<Offer>();
  offer->draft = std::move(draft);
  offer->on_receipt = std::move(on_receipt);
  offer->flags = flags;
  offer->received_at = ports_.clock.now();
  offer->started = ports_.clock.steady();
  this->offer(std::move(offer));
}

Arrival Channel::prepare(Draft draft) const {
  std::shared_ptr<const Deployment> deployment = std::atomic_load(&deployment_);
  Arrival arrival;
  arrival.channel = id_;
  arrival.received_at = ports_.clock.now();
  arrival.draft = std::move(draft);
  if (deployment) read_keys(deployment->keys, ports_.keyed_hash, arrival);
  return arrival;
}

void Channel::offer(std::shared_ptr<Offer> offer) {
  auto busy = Error{ErrorKind::Unavailable, path_, "too many messages at once"};
  {
    std::unique_lock lock(mutex_);
    offer->deployment = deployment_;
    if (stopped_ || accepts_in_flight_ >= limits::accepts_in_flight_max) {
      ports_.executor.post([this, offer, busy] { refuse(*offer, busy); });
      return;
    }
    ++accepts_in_flight_;
  }
  Arrival arrival;
  arrival.channel = id_;
  arrival.received_at = offer->received_at;
  arrival.draft = offer->draft;
  read_keys(offer->deployment->keys, ports_.keyed_hash, arrival);
  arrival.flags |= offer->flags;
  if (offer->flags != 0) arrival.duplicate = {};
  offer->duplicate = arrival.duplicate;
  if (!note_duplicate(offer, arrival)) return;
  arrival.draft.at_hand.reset();
  if (offer->draft.at_hand)
    offer->draft.at_hand = make_bytes(offer->draft.at_hand->substr(0, header_bytes_max));

  auto message = std::make_shared<StoredMessage>();
  auto terms = std::exchange(arrival.terms, {});
  message->arrival = arrival;
  arrival.terms = std::move(terms);
  offer->message = std::move(message);
  ports_.journal.accept(std::move(arrival), [this, offer](Result<Receipt> receipt) {
    on_committed(offer, std::move(receipt));
  });
}

/// False: it waits for its first copy, and is offered again.
bool Channel::note_duplicate(const std::shared_ptr<Offer>& offer, Arrival& arrival) {
  std::lock_guard lock(mutex_);
  auto answer = duplicates_.check(arrival.duplicate);
  switch (answer.seen) {
    case DuplicateWindow::Seen::New:
      return true;
    case DuplicateWindow::Seen::InProgress:
      --accepts_in_flight_;
      duplicates_.when_known(arrival.duplicate, [this, offer] { this->offer(offer); });
      return false;
    case DuplicateWindow::Seen::KeyReuse:
      arrival.flags |= message_flags::key_reuse;
      arrival.draft.links.push_back({answer.original, LinkKind::KeyReuse});
      return true;
    case DuplicateWindow::Seen::Duplicate:
      break;
  }
  instruments_.duplicates.add();
  arrival.flags |= message_flags::duplicate;
  arrival.draft.links.push_back({answer.original, LinkKind::DuplicateOf});
  offer->original = answer.original;
  offer->suppressed = offer->deployment->duplicates == Duplicates::Suppress &&
                      !duplicates_.is_in_trouble(answer.original);
  if (offer->suppressed) arrival.flags |= message_flags::suppressed;
  return true;
}

void Channel::on_committed(const std::shared_ptr<Offer>& offer, Result<Receipt> receipt) {
  const auto id = receipt ? receipt->message : MessageId{};
  const bool fresh = receipt && !receipt->was_there;
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard lock(mutex_);
    --accepts_in_flight_;
    waiting = duplicates_.known(offer->duplicate, id);
    if (fresh && offer->on_reply && !offer->suppressed) expect_reply(*offer, id);
  }
  if (!receipt) {
    refuse(*offer, receipt.error());
  } else {
    instruments_.received.add();
    instruments_.commit.record_us(
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                       ports_.clock.steady() - offer->started)
                                       .count()));
    if (offer->on_receipt) offer->on_receipt(receipt);
    // The sender is answered before its message is worked on.
    if (offer->on_reply) {
      if (!fresh) offer->original = id;
      if (offer->deployment->reply.when == ReplyPolicy::When::Stored)
        answer_stored(*offer, id);
      else if (offer->suppressed || !fresh)
        answer_as_original(offer, id);
    }
    if (fresh) {
      offer->message->id = id;
      arrived(offer->message);
    }
  }
  for (auto& again : waiting) again();
}

void Channel::arrived(std::shared_ptr<const StoredMessage> message) {
  std::lock_guard lock(mutex_);
  ++received_;
  last_received_ = message->arrival.received_at;
  runs_.arrived(std::move(message));
}

void Channel::refuse(const Offer& offer, const Error& error) {
  instruments_.refused.add();
  if (offer.on_receipt) offer.on_receipt(error);
  if (!offer.on_reply) return;
  Verdict verdict;
  verdict.code = Verdict::Code::Reject;
  verdict.kind = error.kind;
  verdict.text = "not stored, send it again";
  Reply reply{MessageId{}, verdict, {}};
  if (offer.deployment && offer.deployment->source)
    reply.bytes =
        make_bytes(offer.deployment->source->compose_reply(offer.draft.readable_view(), verdict));
  offer.on_reply(std::move(reply));
}

void Channel::answer_stored(const Offer& offer, MessageId message) {
  tell(message, Verdict{}, offer.draft.readable(), offer.on_reply, false);
}

void Channel::expect_reply(const Offer& offer, MessageId message) {
  const auto& policy = offer.deployment->reply;
  if (policy.when == ReplyPolicy::When::Stored) return;
  DestinationId decisive;
  for (const auto& destination : offer.deployment->destinations)
    if (policy.when == ReplyPolicy::When::Destination && destination.name == policy.destination)
      decisive = destination.id;
  replies_.expect(message, offer.on_reply, offer.draft.readable(), decisive);
  ports_.executor.post_at(ports_.clock.steady() + policy.timeout, [this, message, policy] {
    std::optional<Replies::Decided> decided;
    {
      std::lock_guard lock(mutex_);
      decided = replies_.timed_out(message, policy.on_timeout);
    }
    if (decided) give_out(std::move(*decided));
  });
}

/// A suppressed copy, or what comes from the same origin again, is told what its original was told,
/// once that is known.
void Channel::answer_as_original(const std::shared_ptr<Offer>& offer, MessageId message,
                                 int asked) {
  {
    std::lock_guard lock(mutex_);
    if (replies_.expects(offer->original)) {
      replies_.also_tell(offer->original, [this, offer, message](const Verdict& verdict) {
        tell(message, verdict, offer->draft.readable(), offer->on_reply, false);
      });
      return;
    }
  }
  ports_.executor.post([this, offer, message, asked] {
    auto reply = ports_.reader.reply_of(offer->original);
    // What the first was told may still be on its way to the journal.
    if (reply && !*reply && asked < originals_asked_max) {
      ports_.executor.post_at(
          ports_.clock.steady() + original_asked_again,
          [this, offer, message, asked] { answer_as_original(offer, message, asked + 1); });
      return;
    }
    Verdict verdict;
    verdict.level = Verdict::Level::Done;
    if (reply && *reply && !(*reply)->bytes.empty()) {
      verdict.verbatim = make_bytes((*reply)->bytes);
      verdict.composed = true;
    }
    tell(message, verdict, offer->draft.readable(), offer->on_reply, false);
  });
}

void Channel::decide_later(std::optional<Replies::Decided> decided) {
  if (!decided) return;
  auto shared = std::make_shared<Replies::Decided>(std::move(*decided));
  ports_.executor.post([this, shared] { give_out(std::move(*shared)); });
}

void Channel::give_out(Replies::Decided decided) {
  tell(decided.message, decided.verdict, decided.input, decided.on_reply, decided.timed_out);
  for (const auto& other : decided.others) other(decided.verdict);
}

void Channel::tell(MessageId message, const Verdict& verdict, const Bytes& input,
                   const OnReply& on_reply, bool timed_out) {
  std::shared_ptr<const Deployment> deployment = std::atomic_load(&deployment_);
  Reply reply{message, verdict, verdict.verbatim};
  if (!verdict.composed && deployment->source)
    reply.bytes = make_bytes(deployment->source->compose_reply(
        input ? std::string_view(*input) : std::string_view(), verdict));
  ReplyRecord record;
  if (reply.bytes) record.bytes = *reply.bytes;
  record.at = ports_.clock.now();
  record.timed_out = timed_out;
  {
    std::lock_guard lock(mutex_);
    // A verdict on what was done comes after the last append.
    replies_.told(message, std::move(record), verdict.level == Verdict::Level::Done);
  }
  on_reply(std::move(reply));
}

void Channel::reply_sent(MessageId message, ReplyState state) {
  std::optional<ReplyRecord> record;
  {
    std::lock_guard lock(mutex_);
    record = replies_.sent(message, state);
  }
  if (record) record_reply(message, std::move(*record));
}

void Channel::record_reply(MessageId message, ReplyRecord record) {
  Settlement settlement;
  settlement.channel = id_;
  settlement.reply_to = message;
  settlement.reply = std::move(record);
  ports_.journal.settle(std::move(settlement), [](const Status&) {});
}

}  // namespace causeway::channel
