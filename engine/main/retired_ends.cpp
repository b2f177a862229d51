#include "engine/main/retired_ends.h"

#include <algorithm>

namespace causeway {

RetiredEnds::~RetiredEnds() {
  stop(Milliseconds(0));
}

void RetiredEnds::retire(std::shared_ptr<void> end, Stop stop, Milliseconds grace, Users users) {
  std::lock_guard lock(mutex_);
  auto& retired = retired_.emplace_back();
  retired.end = std::move(end);
  retired.stop = std::move(stop);
  retired.users = std::move(users);
  retired.stopping = std::thread([&retired, grace] {
    retired.stop(grace);
    retired.stopped = true;
  });
}

void RetiredEnds::sweep() {
  std::list<Retired> gone;
  std::lock_guard lock(mutex_);
  for (auto at = retired_.begin(); at != retired_.end();) {
    const auto next = std::next(at);
    const bool unused = std::all_of(at->users.begin(), at->users.end(),
                                    [](const auto& user) { return user.expired(); });
    if (at->stopped && unused) {
      at->stopping.join();
      gone.splice(gone.end(), retired_, at);
    }
    at = next;
  }
}

void RetiredEnds::stop(Milliseconds grace) {
  std::list<Retired> all;
  {
    std::lock_guard lock(mutex_);
    all.swap(retired_);
  }
  for (auto& retired : all)
    if (!retired.stopped) retired.stop(grace);
  for (auto& retired : all)
    if (retired.stopping.joinable()) retired.stopping.join();
}

}  // namespace causeway
