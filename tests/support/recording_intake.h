// An Intake for tests of sources: keeps what is offered, and answers as told. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "engine/core/source.h"

namespace causeway::testing {

class RecordingIntake final : public Intake {
 public:
  static constexpr Milliseconds patience{10'000};

  RecordingIntake();
  ~RecordingIntake() override;

  /// Whose compose_reply makes the replies.
  void answers_for(const Source& source);
  /// Replies wait for `answer`. Otherwise each message is accepted at once, on a thread.
  void hold_replies();
  void refuse(ErrorKind kind);  ///< From now on, as when the store is away.
  void want_more(bool wanted);

  bool wait_for(std::size_t messages, Milliseconds wait = patience);
  std::size_t count() const;
  Draft message(std::size_t index) const;
  void answer(std::size_t index, Verdict verdict = {});
  MessageId id_of(std::size_t index) const;
  /// As reported by the source; waits for the report.
  std::optional<ReplyState> reply_state(std::size_t index, Milliseconds wait = patience) const;

  void accept(Draft draft, OnReceipt on_receipt, OnReply on_reply) override;
  void accept_many(std::vector<Draft> drafts, OnReceipt on_receipt) override;
  void reply_sent(MessageId message, ReplyState state) override;
  bool wants_more() const override;

 private:
  struct Offered {
    Draft draft;
    OnReply on_reply;
    bool refused = false;
  };
  void work();
  void give(const Offered& offered, MessageId id, Verdict verdict);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  const Source* source_ = nullptr;
  bool hold_ = false;
  ErrorKind refuse_ = ErrorKind::None;
  bool wants_more_ = true;
  bool stopped_ = false;
  std::vector<Offered> offered_;
  std::size_t answered_ = 0;  // by the thread
  std::map<MessageId, ReplyState> states_;
  std::thread thread_;
};

}  // namespace causeway::testing
