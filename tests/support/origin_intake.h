// An Intake that remembers origins as the store does: the same one twice is stored once, and gets
// the first receipt again. Receipts come from a thread of its own. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "engine/core/source.h"

namespace causeway::testing {

class OriginIntake final : public Intake {
 public:
  static constexpr Milliseconds patience{20'000};

  OriginIntake() : thread_([this] { work(); }) {}
  ~OriginIntake() override {
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  bool wait_for(std::size_t stored, Milliseconds wait = patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, wait, [&] { return stored_.size() >= stored; });
  }
  std::size_t stored() const {
    std::lock_guard lock(mutex_);
    return stored_.size();
  }
  std::uint64_t again() const {
    std::lock_guard lock(mutex_);
    return again_;
  }
  std::size_t most_waiting() const {
    std::lock_guard lock(mutex_);
    return most_waiting_;
  }
  Draft message(std::size_t index) const {
    std::lock_guard lock(mutex_);
    return stored_.at(index);
  }
  std::string text(std::size_t index) const { return std::string(message(index).readable_view()); }
  /// From the next on; None: no more. Of this record alone, if one is named.
  void refuse(ErrorKind kind, std::uint64_t record = 0) {
    std::lock_guard lock(mutex_);
    refuse_ = kind;
    refused_record_ = record;
  }
  void want_more(bool wanted) {
    std::lock_guard lock(mutex_);
    wants_more_ = wanted;
  }
  /// Only so many are stored; the rest waits without an answer, as when the store hangs.
  void store_at_most(std::size_t most) {
    std::lock_guard lock(mutex_);
    most_ = most;
    changed_.notify_all();
  }

  void accept(Draft draft, OnReceipt on_receipt, OnReply) override {
    std::lock_guard lock(mutex_);
    offered_.emplace_back(std::move(draft), std::move(on_receipt));
    most_waiting_ = std::max(most_waiting_, offered_.size());
    changed_.notify_all();
  }
  void accept_many(std::vector<Draft> drafts, OnReceipt on_receipt) override {
    for (auto& draft : drafts) accept(std::move(draft), on_receipt, {});
  }
  void reply_sent(MessageId, ReplyState) override {}
  bool wants_more() const override {
    std::lock_guard lock(mutex_);
    return wants_more_;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return ended_ || (!offered_.empty() && stored_.size() < most_); });
      if (ended_) return;
      auto [draft, on_receipt] = std::move(offered_.front());
      offered_.pop_front();
      auto receipt = store(std::move(draft));
      changed_.notify_all();
      lock.unlock();
      if (on_receipt) on_receipt(receipt);
      lock.lock();
    }
  }
  Result<Receipt> store(Draft draft) {
    const auto position = draft.origin ? draft.origin->position : 0;
    if (refuse_ != ErrorKind::None && (refused_record_ == 0 || refused_record_ == position))
      return Error{refuse_, "", "refused"};
    if (draft.origin) {
      const auto [at, fresh] =
          origins_.try_emplace({draft.origin->source, position}, stored_.size() + 1);
      if (!fresh) ++again_;
      if (!fresh) return Receipt{MessageId{static_cast<std::int64_t>(at->second)}, true};
    }
    stored_.push_back(std::move(draft));
    return Receipt{MessageId{static_cast<std::int64_t>(stored_.size())}, false};
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<Draft, OnReceipt>> offered_;
  std::vector<Draft> stored_;
  std::map<std::pair<std::string, std::uint64_t>, std::size_t> origins_;
  std::uint64_t again_ = 0;
  std::size_t most_ = SIZE_MAX;
  std::size_t most_waiting_ = 0;
  ErrorKind refuse_ = ErrorKind::None;
  std::uint64_t refused_record_ = 0;
  bool wants_more_ = true;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace causeway::testing
