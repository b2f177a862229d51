// Hands items from any thread to a reader on the event loop, many at a time, and outlives it.
//
// `put` and `post` are thread-safe; the reader's `take` runs on the loop, and never after `close`,
// which is called there too. Held by shared_ptr: whoever may still put something holds on to it.
#pragma once

#include <mutex>
#include <vector>

#include "connectors/support/event_loop.h"

namespace causeway::connectors {

/// Reader: has `void take(std::vector<Item>)`.
template <class Reader, class Item>
class Inbox : public std::enable_shared_from_this<Inbox<Reader, Item>> {
 public:
  Inbox(EventLoop& loop, Reader& reader) : loop_(loop), reader_(&reader) {}

  /// False, and `item` is left as it is, once closed.
  bool put(Item&& item) {
    std::lock_guard lock(mutex_);
    if (!reader_) return false;
    items_.push_back(std::move(item));
    if (items_.size() == 1) loop_.post([self = this->shared_from_this()] { self->hand_over(); });
    return true;
  }

  /// Runs `task` on the loop, unless it is closed by then.
  template <class Task>
  void post(Task task) {
    std::lock_guard lock(mutex_);
    if (!reader_) return;
    loop_.post([self = this->shared_from_this(), task = std::move(task)] {
      if (auto* reader = self->reader()) task(*reader);
    });
  }

  /// Gives the reader what has been put so far. Loop's thread.
  void hand_over() {
    std::vector<Item> taken;
    {
      std::lock_guard lock(mutex_);
      taken.swap(items_);
    }
    if (taken.empty()) return;
    if (auto* reader = this->reader()) reader->take(std::move(taken));
  }

  /// Returns what was not handed over. Loop's thread.
  std::vector<Item> close() {
    std::lock_guard lock(mutex_);
    reader_ = nullptr;
    return std::exchange(items_, {});
  }

 private:
  Reader* reader() {
    std::lock_guard lock(mutex_);
    return reader_;
  }

  EventLoop& loop_;
  std::mutex mutex_;  // guards the rest
  Reader* reader_;
  std::vector<Item> items_;
};

}  // namespace causeway::connectors
