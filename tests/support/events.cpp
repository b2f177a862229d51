#include "tests/support/events.h"

namespace causeway::simulation {

Events::Id Events::at(std::chrono::microseconds when, Owner owner, Task task) {
  auto id = next_id_++;
  queue_.emplace(std::pair(when, id), Event{owner, std::move(task)});
  when_.emplace(id, when);
  return id;
}

void Events::cancel(Id id) {
  auto at = when_.find(id);
  if (at == when_.end()) return;
  queue_.erase({at->second, id});
  when_.erase(at);
}

bool Events::step(std::chrono::microseconds until) {
  if (queue_.empty() || queue_.begin()->first.first > until) {
    elapsed_ = std::max(elapsed_, until);
    return false;
  }
  auto node = queue_.extract(queue_.begin());
  auto [when, id] = node.key();
  when_.erase(id);
  elapsed_ = std::max(elapsed_, when);
  auto event = std::move(node.mapped());
  if (killed_.contains(event.owner)) return true;
  if (frozen(event.owner)) {
    at(frozen_.at(event.owner), event.owner, std::move(event.task));
    return true;
  }
  event.task();
  return true;
}

}  // namespace causeway::simulation
