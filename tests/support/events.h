// Simulated time: one queue of events, one seed for all chance. Nothing else in a simulation moves.
//
// An event belongs to an owner (0: the world). A killed owner's events never happen; a frozen
// owner's wait until it is thawed, as those of a process under SIGSTOP.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "engine/core/clock.h"
#include "engine/core/executor.h"

namespace causeway::simulation {

using Owner = int;

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : engine_() % n; }
  bool percent(unsigned p) { return below(100) < p; }
  std::chrono::microseconds up_to(std::chrono::microseconds most) {
    return std::chrono::microseconds(below(static_cast<std::uint64_t>(most.count()) + 1));
  }

 private:
  std::mt19937_64 engine_;
};

class Events final : public Clock {
 public:
  using Task = std::function<void()>;
  using Id = std::uint64_t;

  explicit Events(std::uint64_t seed) : chance(seed) {}

  Chance chance;

  SystemTime now() const override { return start_ + elapsed_ + wall_offset_; }
  SteadyTime steady() const override { return SteadyTime(std::chrono::hours(1)) + elapsed_; }
  std::chrono::microseconds elapsed() const { return elapsed_; }
  /// The wall clock jumps; the steady clock does not.
  void jump_wall_clock(std::chrono::microseconds by) { wall_offset_ += by; }

  Id at(std::chrono::microseconds when, Owner owner, Task task);
  Id after(std::chrono::microseconds delay, Owner owner, Task task) {
    return at(elapsed_ + delay, owner, std::move(task));
  }
  void cancel(Id id);
  void kill(Owner owner) { killed_.insert(owner); }
  void freeze(Owner owner, std::chrono::microseconds until) { frozen_[owner] = until; }
  bool frozen(Owner owner) const {
    auto at = frozen_.find(owner);
    return at != frozen_.end() && at->second > elapsed_;
  }

  /// Runs the next event; false if there is none up to `until`.
  bool step(std::chrono::microseconds until);

 private:
  struct Event {
    Owner owner;
    Task task;
  };
  SystemTime start_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
  std::chrono::microseconds elapsed_{0};
  std::chrono::microseconds wall_offset_{0};
  Id next_id_ = 1;
  std::map<std::pair<std::chrono::microseconds, Id>, Event> queue_;
  std::map<Id, std::chrono::microseconds> when_;
  std::set<Owner> killed_;
  std::map<Owner, std::chrono::microseconds> frozen_;
};

/// The executor of one simulated engine.
class SimulatedExecutor final : public Executor {
 public:
  SimulatedExecutor(Events& events, Owner owner) : events_(events), owner_(owner) {}
  void post(Task task) override {
    events_.after(events_.chance.up_to(std::chrono::microseconds(400)), owner_, std::move(task));
  }
  TimerId post_at(SteadyTime when, Task task) override {
    auto delay = std::chrono::duration_cast<std::chrono::microseconds>(when - events_.steady());
    return events_.after(std::max(delay, std::chrono::microseconds(0)), owner_, std::move(task));
  }
  void cancel(TimerId timer) override { events_.cancel(timer); }

 private:
  Events& events_;
  Owner owner_;
};

}  // namespace causeway::simulation
