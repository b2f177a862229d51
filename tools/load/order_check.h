// Follows the sequence numbers of every sender's messages: what came twice, what came late, what
// never came. Memory grows with what is missing, not with what arrived. Not thread-safe.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace load {

class OrderCheck {
 public:
  enum class Place { InOrder, Early, Late, Duplicate };

  /// Sequences count from 1 per key. Early: some before it are missing so far. Late: it came after
  /// one that should follow it.
  Place arrived(std::string_view key, std::uint64_t sequence) {
    auto& seen = keys_[std::string(key)];
    if (sequence < seen.next || seen.ahead.count(sequence)) return Place::Duplicate;
    if (sequence > seen.next) {
      bool late = !seen.ahead.empty() && sequence < *seen.ahead.rbegin();
      seen.ahead.insert(sequence);
      return late ? Place::Late : Place::Early;
    }
    bool late = !seen.ahead.empty();
    for (++seen.next; !seen.ahead.empty() && *seen.ahead.begin() == seen.next; ++seen.next)
      seen.ahead.erase(seen.ahead.begin());
    return late ? Place::Late : Place::InOrder;
  }

  std::uint64_t missing() const {
    std::uint64_t count = 0;
    for (const auto& [key, seen] : keys_)
      if (!seen.ahead.empty()) count += *seen.ahead.rbegin() - seen.next + 1 - seen.ahead.size();
    return count;
  }
  std::size_t keys() const { return keys_.size(); }

 private:
  struct Seen {
    std::uint64_t next = 1;
    std::set<std::uint64_t> ahead;
  };
  std::unordered_map<std::string, Seen> keys_;
};

}  // namespace load
