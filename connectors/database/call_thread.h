// A thread for a library whose calls block and can't be interrupted, so that whoever waits for one
// can give it up.
//
// `run` is for one thread at a time. A call that is given up goes on by itself, on a thread that is
// left alone: what it touches, it has to own. At most `left_alone_max` are so in the process.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "engine/core/ids.h"

namespace causeway::connectors::database {

class CallThread {
 public:
  static constexpr int left_alone_max = 32;
  enum class End : std::uint8_t { Done, TimedOut, Stopped };

  CallThread();
  ~CallThread();  ///< Doesn't wait; what is under way is left alone.
  CallThread(const CallThread&) = delete;

  /// Not after an end that isn't Done.
  End run(std::function<void()> call, SteadyTime deadline, const std::atomic<bool>& stop);
  static bool too_many_left_alone();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace causeway::connectors::database
