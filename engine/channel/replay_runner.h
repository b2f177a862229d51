// Works off replays (engine/core/replay.h): finds the messages of a selection, then sends them
// through their channels once more, oldest first, a slice of each task in turn.
//
// Every step is durable before the next: a task that a crash has cut off goes on where it was, and
// what had been replayed is found again by its origin. An original whose work is parked is closed
// once its replay is stored. One that holds its lane is let go in its place where the replay asks
// for nothing else; another replay of it is refused, since it would be out of order.
//
// Thread-safe. Works on a thread of its own, which blocks on the store and on channels' receipts.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "engine/channel/mending.h"
#include "engine/channel/replay_order.h"
#include "engine/core/replay.h"

namespace causeway::channel {

class ReplayRunner {
 public:
  static constexpr std::size_t slice = 64;

  struct Found {
    std::vector<MessageId> messages;  ///< Newest first.
    MessageId next;                   ///< Where to go on; 0: that was all.
  };
  struct Parts {
    ReplayStore& store;
    BodyStaging& staging;
    Mending& mending;
    const Clock& clock;
    Log& log;
    Mending::Find find_channel;
    std::function<Result<Found>(const std::string& selection, MessageId before)> find;
    std::function<Result<Original>(MessageId)> original;
    /// A task has come on, or changed its state.
    std::function<void(const ReplayTask&)> changed = [](const ReplayTask&) {};
  };
  explicit ReplayRunner(Parts parts) : parts_(std::move(parts)) {}
  ~ReplayRunner() { stop(); }

  void start();
  /// Ends the slice that is under way. Before the channels and the journal are stopped.
  void stop();
  void wake();  ///< There may be something to do.

  /// Work on each open task once; whether any has come on. What `start`'s thread does.
  bool step() { return pass().moved; }

 private:
  struct Passed {
    bool moved = false;
    bool waits = false;  ///< Something is open and not paused.
    bool away = false;   ///< The store doesn't answer.
  };
  struct Pace {
    SteadyTime since;
    double allowed = 0;
  };
  enum class Fate : std::uint8_t { Replayed, Released, Refused, Later };
  struct Dealt {
    Fate fate = Fate::Later;
    ErrorKind kind = ErrorKind::None;
    MessageId replay;
    Original original;
  };
  struct Receipts;

  void work();
  Passed pass();
  Result<bool> work_on(ReplayTask& task);
  Result<bool> collect(ReplayTask& task);
  Result<bool> replay(ReplayTask& task);
  std::size_t allowed(const ReplayTask& task);
  std::vector<Dealt> deal(const ReplayTask& task, const std::vector<MessageId>& messages);
  bool begin(const ReplayTask& task, MessageId message, Dealt& dealt,
             const std::shared_ptr<Receipts>& receipts, std::size_t place);
  Status release(const ReplayTask& task, const Original& original, const AttentionRow& held);
  Result<Draft> draft_of(const ReplayTask& task, const Original& original);
  Status put_body(const ReplayTask& task, const Original& original, Draft& draft);
  void close_parked(const ReplayTask& task, const Dealt& dealt);

  const Parts parts_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  bool woken_ = false;     // guarded by mutex_
  std::thread thread_;
  // Of the working thread alone.
  std::map<ReplayId, ReplayPlan> plans_;
  std::map<ReplayId, Pace> paces_;
};

}  // namespace causeway::channel
