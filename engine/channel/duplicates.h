// Has this message been here before? A window over the newest keys of one channel, in memory;
// filled from the store at a start. Not thread-safe: guarded by the channel's mutex.
//
// A message whose first copy is still being committed waits for it (`on_known`), so that it can be
// linked to it. Copies of a message that could not be stored, or that failed, count as new.
#pragma once

#include <deque>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/core/message.h"

namespace causeway::channel {

class DuplicateWindow {
 public:
  static constexpr std::size_t keys_max = 1 << 16;

  enum class Seen : std::uint8_t { New, Duplicate, KeyReuse, InProgress };
  struct Answer {
    Seen seen = Seen::New;
    MessageId original;
  };

  /// Looks a key up and, if it is new, remembers it as being committed.
  Answer check(const DuplicateKey& key);
  /// After InProgress: called once the first copy is committed, or failed to be.
  void when_known(const DuplicateKey& key, std::function<void()> on_known);
  /// The outcome of a commit; returns who waited. `stored` 0: it was not stored.
  std::vector<std::function<void()>> known(const DuplicateKey& key, MessageId stored);
  /// From the store, newest last.
  void remember(const DuplicateKey& key, MessageId message);

  /// Messages that failed or were put aside: a copy of them is processed.
  void in_trouble(MessageId message, bool trouble);
  bool is_in_trouble(MessageId message) const { return in_trouble_.contains(message); }

 private:
  struct Entry {
    std::uint64_t fingerprint = 0;
    MessageId message;  // 0: being committed
    std::vector<std::function<void()>> waiting;
  };
  void forget_oldest();

  std::unordered_map<std::uint64_t, Entry> entries_;
  std::deque<std::uint64_t> oldest_first_;
  std::unordered_set<MessageId> in_trouble_;
};

}  // namespace causeway::channel
