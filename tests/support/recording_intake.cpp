#include "tests/support/recording_intake.h"

namespace causeway::testing {
namespace {

MessageId id_for(std::size_t index) {
  return MessageId{static_cast<std::int64_t>(index) + 1};
}

}  // namespace

RecordingIntake::RecordingIntake() : thread_([this] { work(); }) {}

RecordingIntake::~RecordingIntake() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void RecordingIntake::answers_for(const Source& source) {
  std::lock_guard lock(mutex_);
  source_ = &source;
}

void RecordingIntake::hold_replies() {
  std::lock_guard lock(mutex_);
  hold_ = true;
}

void RecordingIntake::refuse(ErrorKind kind) {
  std::lock_guard lock(mutex_);
  refuse_ = kind;
}

void RecordingIntake::want_more(bool wanted) {
  std::lock_guard lock(mutex_);
  wants_more_ = wanted;
}

bool RecordingIntake::wait_for(std::size_t messages, Milliseconds wait) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, wait, [&] { return offered_.size() >= messages; });
}

std::size_t RecordingIntake::count() const {
  std::lock_guard lock(mutex_);
  return offered_.size();
}

Draft RecordingIntake::message(std::size_t index) const {
  std::lock_guard lock(mutex_);
  return offered_.at(index).draft;
}

MessageId RecordingIntake::id_of(std::size_t index) const {
  return id_for(index);
}

void RecordingIntake::answer(std::size_t index, Verdict verdict) {
  Offered offered;
  {
    std::lock_guard lock(mutex_);
    offered = offered_.at(index);
  }
  give(offered, id_for(index), std::move(verdict));
}

std::optional<ReplyState> RecordingIntake::reply_state(std::size_t index, Milliseconds wait) const {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, wait, [&] { return states_.contains(id_for(index)); }))
    return std::nullopt;
  return states_.at(id_for(index));
}

void RecordingIntake::accept(Draft draft, OnReceipt, OnReply on_reply) {
  std::lock_guard lock(mutex_);
  offered_.push_back({std::move(draft), std::move(on_reply), refuse_ != ErrorKind::None});
  changed_.notify_all();
}

void RecordingIntake::accept_many(std::vector<Draft> drafts, OnReceipt on_receipt) {
  for (auto& draft : drafts) accept(std::move(draft), on_receipt, {});
}

void RecordingIntake::reply_sent(MessageId message, ReplyState state) {
  std::lock_guard lock(mutex_);
  states_[message] = state;
  changed_.notify_all();
}

bool RecordingIntake::wants_more() const {
  std::lock_guard lock(mutex_);
  return wants_more_;
}

void RecordingIntake::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopped_ || (!hold_ && answered_ < offered_.size()); });
    if (stopped_) return;
    const auto index = answered_++;
    const auto offered = offered_[index];
    Verdict verdict;
    if (offered.refused) {
      verdict.code = Verdict::Code::Reject;
      verdict.kind = refuse_;
    }
    lock.unlock();
    give(offered, offered.refused ? MessageId{} : id_for(index), std::move(verdict));
    lock.lock();
  }
}

void RecordingIntake::give(const Offered& offered, MessageId id, Verdict verdict) {
  if (!offered.on_reply) return;
  const Source* source = nullptr;
  {
    std::lock_guard lock(mutex_);
    source = source_;
  }
  Reply reply{id, verdict, verdict.verbatim};
  if (source && !verdict.composed)
    reply.bytes = make_bytes(source->compose_reply(offered.draft.readable_view(), verdict));
  offered.on_reply(std::move(reply));
}

}  // namespace causeway::testing
