// The thread of a source that looks for work now and then, by calls that block: folders, databases.
//
// The public methods are thread-safe; the looker's are called on the thread alone. While held, or
// while the intake wants no more, it doesn't look.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "connectors/support/offering.h"
#include "engine/core/intake.h"

namespace causeway::connectors {

class PollingThread {
 public:
  class Looker {
   public:
    virtual ~Looker() = default;
    virtual Milliseconds look(Intake& intake) = 0;  ///< How long to wait for the next.
    virtual void rest() = 0;   ///< Called every minute or more often while it waits.
    virtual void close() = 0;  ///< The last call: closes what it has open.
  };

  explicit PollingThread(Looker& looker) : looker_(looker) {}
  ~PollingThread() { stop(Milliseconds(0)); }

  /// The first look comes after `first`. False: it runs already.
  bool start(Intake& intake, Milliseconds first);
  /// The look that is under way is waited for up to `grace`, and then cut. Idempotent.
  void stop(Milliseconds grace);
  void pause(bool paused) { switches_.held = paused; }
  bool is_running() const;
  bool is_paused() const { return switches_.held; }
  /// For what blocks in a look.
  const Offering::Switches& switches() const { return switches_; }

 private:
  void work(Intake& intake, Milliseconds first);
  void wait(Milliseconds longest);

  Looker& looker_;
  Offering::Switches switches_;

  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::thread thread_;
  bool ended_ = true;
};

}  // namespace causeway::connectors
