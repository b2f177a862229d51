// Threads that deliver by calls that block (files, databases, mail), each with a session of its
// own: what a sink of such a protocol needs besides the sending.
//
// The public methods are thread-safe. Deliveries wait in order for one of the threads; a session is
// closed when it stands idle. Senders live on their threads, and end before `stop` returns.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "connectors/support/connector.h"

namespace causeway::connectors {

class DeliveryThreads {
 public:
  static constexpr Milliseconds idle_longest{30'000};

  /// Of one thread: it may keep a session from one delivery to the next.
  class Sender {
   public:
    virtual ~Sender() = default;
    virtual Attempt send(const StoredDelivery& delivery) = 0;
    virtual void rest() = 0;  ///< Nothing was to be done for `idle_longest`: closes its session.
  };
  /// Once `cut` is set, whatever the sender waits for ends soon, with Stopped.
  using MakeSender = std::function<std::unique_ptr<Sender>(const std::atomic<bool>& cut)>;

  DeliveryThreads(MakeSender make_sender, std::size_t threads, const Name& name,
                  const Environment& environment);
  ~DeliveryThreads() { stop(Milliseconds(0)); }

  /// As those of Sink.
  Status start();
  void stop(Milliseconds grace);
  void deliver(StoredDelivery delivery, Sink::OnOutcome on_outcome);

 private:
  struct Job {
    StoredDelivery delivery;
    Sink::OnOutcome on_outcome;
  };

  void work();
  /// None: stopped.
  std::optional<Job> next(Sender& sender, bool& rested);

  const MakeSender make_sender_;
  const std::size_t count_;
  const Environment environment_;
  Counter& messages_;
  Counter& message_bytes_;
  std::atomic<bool> cut_{false};

  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
  std::deque<Job> jobs_;
  std::size_t busy_ = 0;
  bool stopping_ = true;
};

/// For metrics of sinks: channel="…",destination="…".
std::string sink_labels(const Name& name);
Attempt deferred(Error error, bool destination_down);

}  // namespace causeway::connectors
